package io.p2pvpn.vpn.node.names;

import io.p2pvpn.vpn.names.NameZone;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A local unbound, told by {@code unbound-control}; it has to allow that ({@code control-enable: yes}). */
final class Unbound implements Resolver {
    @Override
    public String name() {
        return "unbound";
    }

    @Override
    public boolean isHere() {
        try {
            control("status");
            return true;
        } catch (IOException no) {
            return false;
        }
    }

    @Override
    public void add(NameZone zone, String device, String address) throws IOException {
        // It answers "internal" and private addresses' names itself unless it is told otherwise.
        control("local_zone", zone.domain() + ".", "transparent");
        control("forward_add", "+i", zone.domain() + ".", address);
        for (String reverse : zone.reverseDomains()) {
            control("local_zone", reverse + ".", "transparent");
            control("forward_add", "+i", reverse + ".", address);
        }
    }

    /** Every step is tried: what was half made is taken back whole. */
    @Override
    public void remove(NameZone zone, String device) throws IOException {
        List<String> zones = new ArrayList<>(List.of(zone.domain()));
        zones.addAll(zone.reverseDomains());
        IOException first = null;
        for (String each : zones) {
            for (List<String> step : List.of(List.of("forward_remove", "+i"), List.of("local_zone_remove"))) {
                List<String> words = new ArrayList<>(step);
                words.add(each + ".");
                try {
                    control(words.toArray(new String[0]));
                } catch (IOException refused) {
                    first = first == null ? refused : first;
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    private static void control(String... words) throws IOException {
        LocalProcess process = LocalProcess.find("unbound");
        if (process == null) {
            throw new IOException("unbound does not run here");
        }
        List<String> command = new ArrayList<>(List.of("unbound-control"));
        String config = process.option("-c", "-c");
        if (config != null) {
            command.addAll(List.of("-c", config));
        }
        command.addAll(List.of(words));
        Commands.run(command);
    }
}

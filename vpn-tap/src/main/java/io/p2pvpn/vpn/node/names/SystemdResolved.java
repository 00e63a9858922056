package io.p2pvpn.vpn.node.names;

import io.p2pvpn.vpn.names.NameZone;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** systemd-resolved, told by {@code resolvectl}; it forgets by itself when the device goes. */
final class SystemdResolved implements Resolver {
    private static final String PROGRAM = "resolvectl";

    @Override
    public String name() {
        return "resolved";
    }

    @Override
    public boolean isHere() {
        return LocalProcess.find("systemd-resolved") != null;
    }

    @Override
    public void add(NameZone zone, String device, String address) throws IOException {
        List<String> domains = new ArrayList<>(List.of(PROGRAM, "domain", device, zone.domain()));
        zone.reverseDomains().forEach(domain -> domains.add("~" + domain));
        Commands.run(List.of(PROGRAM, "dns", device, address));
        Commands.run(domains);
        Commands.run(List.of(PROGRAM, "default-route", device, "no"));
        // Nobody signs "internal", and the root's signatures say that it is not there.
        Commands.run(List.of(PROGRAM, "dnssec", device, "no"));
        Commands.run(List.of(PROGRAM, "dnsovertls", device, "no"));
        Commands.run(List.of(PROGRAM, "llmnr", device, "no"));
    }

    @Override
    public void remove(NameZone zone, String device) throws IOException {
        Commands.run(List.of(PROGRAM, "revert", device));
    }
}

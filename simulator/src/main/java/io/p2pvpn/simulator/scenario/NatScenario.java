package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.HostKind;
import io.p2pvpn.simulator.PairDials;
import io.p2pvpn.simulator.PairDials.Dial;
import io.p2pvpn.simulator.plot.Chart;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Nodes behind NAT boxes of all kinds form a ring, then each pair is dialled once: who gets a direct path, who a relay,
 * who neither? The duration is what they have for it after the last one was dialled.
 */
final class NatScenario implements Scenario {
    private static final long LOOK_NANOS = Simulation.SECOND_NANOS / 20;

    private static final Profile PROFILE = new Profile(
            "nat",
            "nodes behind NAT boxes of all kinds: how many pairs are direct, relayed, or cannot be reached",
            40,
            5,
            1000,
            60,
            Links.PLANETLAB,
            List.of(
                    share(HostKind.OPEN, 10),
                    share(HostKind.FULL_CONE, 10),
                    share(HostKind.RESTRICTED, 10),
                    share(HostKind.PORT_RESTRICTED, 45),
                    share(HostKind.SYMMETRIC, 15),
                    share(HostKind.CGN, 8),
                    share(HostKind.UDP_BLOCKED, 2)));

    private static Parameter share(HostKind kind, double percent) {
        return new Parameter(key(kind), "how common such hosts are, beside the others", 0, 1000, percent);
    }

    private static String key(HostKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        int nodes = simulation.settings().nodes();
        long dialNanos = (nodes - 1) * Simulation.SECOND_NANOS;
        List<HostKind> kinds = kinds(simulation.settings());
        simulation.start(kinds, dialNanos + simulation.durationNanos());
        PairDials dials = new PairDials(simulation.ring(), kinds);
        for (int step = 1; step < nodes; step++) {
            for (int i = 0; i + step < nodes; i++) {
                dials.dial(i, i + step);
            }
            watch(simulation, dials, Simulation.SECOND_NANOS);
        }
        watch(simulation, dials, simulation.durationNanos());
        return outcome(dials, nodes);
    }

    private static List<HostKind> kinds(Settings settings) {
        Map<HostKind, Double> weights = new EnumMap<>(HostKind.class);
        for (HostKind kind : HostKind.values()) {
            weights.put(kind, settings.value(key(kind)));
        }
        List<HostKind> kinds = HostKind.mix(settings.nodes(), weights);
        // Somebody must be there who can be called.
        kinds.set(0, HostKind.OPEN);
        return kinds;
    }

    private static void watch(Simulation simulation, PairDials dials, long nanos) {
        for (long end = simulation.world().nanoTime() + nanos;
                simulation.world().nanoTime() < end; ) {
            simulation.runFor(LOOK_NANOS);
            dials.look();
        }
    }

    private static Outcome outcome(PairDials dials, int nodes) {
        int pairs = dials.all().size();
        Map<String, int[]> byKinds = new TreeMap<>();
        int direct = 0;
        int relayed = 0;
        for (Dial dial : dials.all()) {
            boolean isDirect = dial.isDirect();
            boolean isRelayed = !isDirect && dial.isLinked();
            direct += isDirect ? 1 : 0;
            relayed += isRelayed ? 1 : 0;
            int[] counts =
                    byKinds.computeIfAbsent(key(dial.easier()) + " and " + key(dial.harder()), unused -> new int[3]);
            counts[isDirect ? 0 : isRelayed ? 1 : 2]++;
        }
        Samples seconds = new Samples();
        dials.tookNanos().values().forEach(nanos -> seconds.add(Simulation.seconds(nanos)));
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("pairs", pairs);
        metrics.put("directShare", Samples.rounded(direct / (double) pairs));
        metrics.put("relayedShare", Samples.rounded(relayed / (double) pairs));
        metrics.put("unreachableShare", Samples.rounded((pairs - direct - relayed) / (double) pairs));
        metrics.put("directAfterSeconds", seconds.summary(50, 90, 99));
        metrics.put("byKinds", table(byKinds));
        Chart chart = new Chart(
                        nodes + " nodes behind boxes of all kinds", "seconds since dialled", "share of the pairs")
                .add(seconds.distribution("direct", pairs));
        return new Outcome(metrics, chart);
    }

    private static List<Map<String, Object>> table(Map<String, int[]> byKinds) {
        List<Map<String, Object>> rows = new ArrayList<>();
        byKinds.forEach((kinds, counts) -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("kinds", kinds);
            row.put("direct", counts[0]);
            row.put("relayed", counts[1]);
            row.put("unreachable", counts[2]);
            rows.add(row);
        });
        return rows;
    }
}

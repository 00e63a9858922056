package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.shortcuts.far.FarTargets;
import io.p2pvpn.simulator.converged.ConvergedRing;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Look-ups and broadcasts on a ring that stands as it should, by the classes that route and split in a node, without
 * sessions and clocks: for sizes at which nodes do not fit into a machine.
 *
 * <p>A look-up goes from a random member to another random one; the events are messages from member to member.
 */
final class ConvergedScenario implements Scenario {
    private static final Parameter LOOK_UPS = new Parameter("look-ups", "how many look-ups", 1, 100_000_000, 100_000);
    private static final Parameter LOOKING_AHEAD = new Parameter(
            "looking-ahead", "how many more, by members that know the links of their links", 0, 1_000_000, 5000);
    private static final Parameter BROADCASTS = new Parameter("broadcasts", "how many broadcasts", 0, 10_000, 20);
    private static final int HOPS_MAX = 1000;

    private static final Profile PROFILE = new Profile(
            "converged",
            "look-ups and broadcasts on a settled ring of up to millions, by routing alone",
            100_000,
            2,
            4_000_000,
            0,
            Links.constant(0),
            List.of(LOOK_UPS, LOOKING_AHEAD, BROADCASTS));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) {
        ConvergedRing ring = new ConvergedRing(simulation.settings().nodes(), simulation.random());
        Map<String, Object> metrics = new LinkedHashMap<>();
        Samples links = new Samples();
        for (int i = 0; i < ring.size(); i++) {
            links.add(ring.links(i));
        }
        metrics.put("farLinks", FarTargets.count(ring.size()));
        metrics.put("linksMean", Samples.rounded(links.mean()));
        metrics.put("links", links.summary(1, 50, 99));
        Samples hops = lookUps(simulation, ring, metrics);
        Samples ahead = lookingAhead(simulation, ring);
        if (ahead.size() > 0) {
            metrics.put("lookingAheadHopsMean", Samples.rounded(ahead.mean()));
        }
        Samples broadcast = broadcasts(simulation, ring, metrics);
        Chart chart = new Chart("A settled ring of " + ring.size(), "hops", "share");
        add(chart, "look-ups", hops);
        add(chart, "look-ups looking ahead", ahead);
        add(chart, "members that a broadcast reached", broadcast);
        return new Outcome(metrics, chart);
    }

    private static void add(Chart chart, String name, Samples samples) {
        if (samples.size() > 0) {
            chart.add(samples.shares(name));
        }
    }

    private static Samples lookUps(Simulation simulation, ConvergedRing ring, Map<String, Object> metrics) {
        Samples hops = new Samples();
        int[] forwarded = new int[ring.size()];
        int count = simulation.settings().count(LOOK_UPS.name());
        for (int k = 0; k < count; k++) {
            int source = simulation.random().nextInt(ring.size());
            int target = other(simulation, ring, source);
            int crossed = 0;
            for (int at = source; at != target; crossed++) {
                int next = ring.next(at, ring.id(target));
                simulation.world().step(at, next);
                if (at != source) {
                    forwarded[at]++;
                }
                at = next;
            }
            hops.add(crossed);
        }
        double log2 = Math.log(ring.size()) / Math.log(2);
        int far = Math.max(1, FarTargets.count(ring.size()));
        metrics.put("hopsMean", Samples.rounded(hops.mean()));
        metrics.put("hops", hops.summary(50, 90, 99));
        metrics.put("hopsMeanTimesFarLinksOverLog2Squared", Samples.rounded(hops.mean() * far / (log2 * log2)));
        Samples load = new Samples();
        double mean = 0;
        for (int each : forwarded) {
            mean += each / (double) ring.size();
        }
        for (int each : forwarded) {
            load.add(mean == 0 ? 0 : each / mean);
        }
        metrics.put("forwardedPerMember", Samples.rounded(mean));
        metrics.put("forwardedOverMean", load.summary(1, 50, 90, 99));
        return hops;
    }

    private static int other(Simulation simulation, ConvergedRing ring, int member) {
        int other = simulation.random().nextInt(ring.size() - 1);
        return other < member ? other : other + 1;
    }

    private static Samples lookingAhead(Simulation simulation, ConvergedRing ring) {
        Samples hops = new Samples();
        int count = simulation.settings().count(LOOKING_AHEAD.name());
        for (int k = 0; k < count; k++) {
            int source = simulation.random().nextInt(ring.size());
            OverlayId position = ring.id(other(simulation, ring, source));
            int crossed = 0;
            int at = source;
            while (!ring.id(at).equals(position) && crossed < HOPS_MAX) {
                int next = ring.nextLookingAhead(at, position);
                simulation.world().step(at, next);
                at = next;
                crossed++;
            }
            hops.add(crossed);
        }
        return hops;
    }

    private static Samples broadcasts(Simulation simulation, ConvergedRing ring, Map<String, Object> metrics) {
        Samples hops = new Samples();
        int count = simulation.settings().count(BROADCASTS.name());
        long twice = 0;
        long missed = 0;
        for (int k = 0; k < count; k++) {
            int source = simulation.random().nextInt(ring.size());
            int[] reached = new int[ring.size()];
            reached[source]++;
            hops.add(0);
            ring.broadcast(source, (from, to, crossed) -> {
                simulation.world().step(from, to);
                reached[to]++;
                hops.add(crossed);
            });
            for (int each : reached) {
                twice += Math.max(0, each - 1);
                missed += each == 0 ? 1 : 0;
            }
        }
        metrics.put("broadcasts", count);
        if (count > 0) {
            metrics.put("broadcastHopsMean", Samples.rounded(hops.mean()));
            metrics.put("broadcastHops", hops.summary(50, 90, 99));
            metrics.put("broadcastDuplicates", twice);
            metrics.put("broadcastMisses", missed);
        }
        return hops;
    }
}

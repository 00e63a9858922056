package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.RingWorld;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A settled ring is cut in two, at random places; each part becomes a ring; the cut heals, and they become one. */
final class PartitionScenario implements Scenario {
    private static final String SHARE = "share";
    private static final long LIMIT_NANOS = 600 * Simulation.SECOND_NANOS;
    private static final long LOOK_NANOS = Simulation.SECOND_NANOS / 10;

    private static final Profile PROFILE = new Profile(
            "partition",
            "the ring is cut in two and healed: how long until the parts, and then all, are right",
            100,
            4,
            100_000,
            120,
            Links.PLANETLAB,
            List.of(new Parameter(SHARE, "how much of the ring is cut off", 0.01, 0.99, 0.5)));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        simulation.start(simulation.durationNanos() + Simulation.SECOND_NANOS);
        List<Member> rest = new ArrayList<>(simulation.ring().members());
        List<Member> part = new ArrayList<>();
        int size = (int) Math.max(1, Math.round(simulation.settings().value(SHARE) * rest.size()));
        while (part.size() < Math.min(size, simulation.settings().nodes() - 1)) {
            part.add(rest.remove(simulation.random().nextInt(rest.size())));
        }
        Watch watch = new Watch(simulation, List.of(part, rest));
        simulation.world().network().isolate(part.stream().map(Member::host).toList());
        simulation.excuse("the network was cut");
        double partsSeconds = watch.whileCut();
        simulation.world().network().healAll();
        simulation.demand();
        double healedSeconds = watch.afterHealing();
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("partNodes", List.of(part.size(), rest.size()));
        metrics.put("cutSeconds", simulation.settings().seconds());
        metrics.put("partsRightAfterSeconds", partsSeconds);
        metrics.put("oneRingAfterSeconds", healedSeconds);
        return new Outcome(metrics, watch.chart);
    }

    /** What is seen of both parts. */
    private static final class Watch {
        private final Simulation simulation;
        private final List<List<Member>> parts;
        private final long cutNanos;
        private final Chart.Series cut = Chart.Series.line("cut: within the own part");
        private final Chart.Series healed = Chart.Series.line("healed: within the whole ring");
        private final Chart chart;

        Watch(Simulation simulation, List<List<Member>> parts) {
            this.simulation = simulation;
            this.parts = parts;
            this.cutNanos = simulation.world().nanoTime();
            this.chart = new Chart(
                            "A ring of " + simulation.settings().nodes() + " is cut in two and healed",
                            "seconds since the cut",
                            "share of nodes that have the right neighbours")
                    .add(cut)
                    .add(healed);
        }

        /** Runs until the end of the cut; when both parts were right first, or -1 if they never were. */
        double whileCut() {
            long endNanos = cutNanos + simulation.durationNanos();
            double rightSeconds = -1;
            while (simulation.world().nanoTime() < endNanos) {
                simulation.runFor(LOOK_NANOS);
                int right = 0;
                for (List<Member> part : parts) {
                    right += (int) Math.round(RingWorld.shape(part).rightShare() * part.size());
                }
                cut.add(seconds(), right / (double) simulation.settings().nodes());
                if (rightSeconds < 0 && right == simulation.settings().nodes()) {
                    rightSeconds = seconds();
                }
            }
            return rightSeconds;
        }

        /** Runs until there is one right ring; how long that took. */
        double afterHealing() throws SimulationException {
            double healSeconds = seconds();
            long endNanos = simulation.world().nanoTime() + LIMIT_NANOS;
            double share = 0;
            while (share < 1) {
                if (simulation.world().nanoTime() > endNanos) {
                    throw new SimulationException("the parts did not become one ring within "
                            + LIMIT_NANOS / Simulation.SECOND_NANOS + " simulated seconds: "
                            + simulation.ring().wrong());
                }
                simulation.runFor(LOOK_NANOS);
                share = RingWorld.shape(simulation.ring().members()).rightShare();
                healed.add(seconds(), share);
            }
            return Samples.rounded(seconds() - healSeconds);
        }

        private double seconds() {
            return Simulation.seconds(simulation.world().nanoTime() - cutNanos);
        }
    }
}

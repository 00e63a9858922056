package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.HostKind;
import io.p2pvpn.simulator.chord.ChordNode;
import io.p2pvpn.simulator.chord.ChordRing;
import io.p2pvpn.simulator.plot.Chart;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The same look-ups in a plain Chord ring and in ours, with a part of the hosts behind NAT boxes: what relays, hole
 * punching and routing along links are needed for. Both rings start alike and have the same time to settle.
 */
final class BaselineScenario implements Scenario {
    private static final String BEHIND_NAT = "behind-nat";
    private static final double PERCENT = 100;
    private static final long CHORD_SETTLE_NANOS = 300 * Simulation.SECOND_NANOS;
    private static final long LAST_NANOS = 60 * Simulation.SECOND_NANOS;

    private static final Profile PROFILE = new Profile(
            "baseline",
            "the same look-ups in plain Chord and in this ring, with hosts behind NAT boxes",
            100,
            5,
            10_000,
            60,
            Links.PLANETLAB,
            List.of(
                    new Parameter(BEHIND_NAT, "percentage of the hosts that are behind NAT boxes", 0, 95, 30),
                    LookupScenario.RECORDS,
                    LookupScenario.PER_SECOND));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        Settings settings = simulation.settings();
        List<HostKind> kinds = kinds(settings.nodes(), settings.value(BEHIND_NAT));
        int records = settings.count(LookupScenario.RECORDS.name());
        ChordLookUps chord = new ChordLookUps(simulation, kinds);
        simulation.start(kinds, LookupScenario.nanos(simulation, records));
        LookupScenario.LookUps ours =
                LookupScenario.measure(simulation, records, settings.value(LookupScenario.PER_SECOND.name()));
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("behindNatPercent", settings.value(BEHIND_NAT));
        metrics.put("p2pvpn", ours.outcome().metrics());
        metrics.put("chord", chord.metrics());
        Chart chart = new Chart(
                        "Look-ups in rings of " + settings.nodes() + ", " + settings.count(BEHIND_NAT)
                                + " % behind NAT boxes",
                        "seconds",
                        "share of the look-ups")
                .add(ours.distribution("p2pvpn"))
                .add(chord.seconds.distribution("Chord", chord.begun));
        return new Outcome(metrics, chart);
    }

    /** Most of those behind a box have one that filters by port, as at home, and one in five a symmetric one. */
    private static List<HostKind> kinds(int nodes, double percentBehind) {
        Map<HostKind, Double> weights = new EnumMap<>(HostKind.class);
        weights.put(HostKind.OPEN, PERCENT - percentBehind);
        weights.put(HostKind.FULL_CONE, 0.1 * percentBehind);
        weights.put(HostKind.RESTRICTED, 0.1 * percentBehind);
        weights.put(HostKind.PORT_RESTRICTED, 0.6 * percentBehind);
        weights.put(HostKind.SYMMETRIC, 0.2 * percentBehind);
        List<HostKind> kinds = HostKind.mix(nodes, weights);
        // Somebody must be there who can be called.
        kinds.set(0, HostKind.OPEN);
        return kinds;
    }

    /** The other ring, in a world of its own. */
    private static final class ChordLookUps {
        private final ChordRing ring;
        private final Samples seconds = new Samples();
        private final double rightShare;
        private final double datagrams;
        private int begun;
        private int right;
        private int wrong;

        ChordLookUps(Simulation simulation, List<HostKind> kinds) {
            Settings settings = simulation.settings();
            ring = new ChordRing(settings.seed(), settings.links().policy(settings.seed()));
            for (HostKind kind : kinds) {
                ring.start(kind);
                ring.world().runFor(Simulation.KINDS_GAP_NANOS);
            }
            ring.world().runFor(CHORD_SETTLE_NANOS);
            rightShare = ring.rightShare();
            long sentBefore = ring.sent();
            SplittableRandom random = new SplittableRandom(settings.seed());
            long gapNanos = (long) (Simulation.SECOND_NANOS / settings.value(LookupScenario.PER_SECOND.name()));
            long endNanos = ring.world().nanoTime() + simulation.durationNanos();
            while (ring.world().nanoTime() < endNanos) {
                begin(random);
                ring.world().runFor(gapNanos);
            }
            ring.world().runFor(LAST_NANOS);
            double watchedSeconds = Simulation.seconds(simulation.durationNanos() + LAST_NANOS);
            datagrams = (ring.sent() - sentBefore) / watchedSeconds / kinds.size();
        }

        private void begin(SplittableRandom random) {
            byte[] key = new byte[OverlayId.BYTES];
            random.nextBytes(key);
            ChordNode asker = ring.nodes().get(random.nextInt(ring.nodes().size()));
            long beganNanos = ring.world().nanoTime();
            begun++;
            ring.lookUp(asker, OverlayId.of(key), answer -> {
                right += answer.isRight() ? 1 : 0;
                wrong += answer.isAnswered() && !answer.isRight() ? 1 : 0;
                if (answer.isRight()) {
                    seconds.add(Simulation.seconds(ring.world().nanoTime() - beganNanos));
                }
            });
        }

        Map<String, Object> metrics() {
            Map<String, Object> metrics = new LinkedHashMap<>();
            metrics.put("lookUps", begun);
            metrics.put("successShare", Samples.rounded(right / (double) begun));
            metrics.put("wrongAnswers", wrong);
            metrics.put("latencySeconds", seconds.summary(50, 90, 99));
            metrics.put("rightSuccessorsShare", Samples.rounded(rightShare));
            metrics.put("datagramsPerNodeAndSecond", Samples.rounded(datagrams));
            metrics.put("digest", ring.world().digest());
            return metrics;
        }
    }
}

package io.p2pvpn.simulator.scenario;

import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Members put records into the DHT of a settled ring, and then random ones look random ones of them up. For the hops,
 * each look-up goes with a call to the member nearest to the key, from the same member.
 */
final class LookupScenario implements Scenario {
    static final Parameter RECORDS = new Parameter("records", "how many records are put", 1, 10_000, 100);
    static final Parameter PER_SECOND =
            new Parameter("look-ups-per-second", "look-ups a second, of all nodes together", 0.01, 1000, 20);

    private static final int TTL_SECONDS = 3600;
    private static final long PUT_GAP_NANOS = Simulation.SECOND_NANOS / 50;
    private static final long LAST_NANOS = 30 * Simulation.SECOND_NANOS;

    private static final Profile PROFILE = new Profile(
            "lookup",
            "records are put into the DHT and looked up: success, latency, hops",
            200,
            2,
            100_000,
            60,
            Links.PLANETLAB,
            List.of(RECORDS, PER_SECOND, Parameter.REGIONS));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        int records = simulation.settings().count(RECORDS.name());
        simulation.start(nanos(simulation, records));
        return measure(simulation, records, simulation.settings().value(PER_SECOND.name()))
                .outcome();
    }

    /** How long that many records and the look-ups of them take. */
    static long nanos(Simulation simulation, int records) {
        return records * PUT_GAP_NANOS + LAST_NANOS + simulation.durationNanos() + LAST_NANOS;
    }

    /** Puts so many records into the DHT of the ring, and looks them up. */
    static LookUps measure(Simulation simulation, int records, double perSecond) throws SimulationException {
        LookUps lookUps = new LookUps(simulation);
        for (int i = 0; i < records; i++) {
            lookUps.put(i);
            simulation.runFor(PUT_GAP_NANOS);
        }
        simulation.runFor(LAST_NANOS);
        if (lookUps.keys.isEmpty()) {
            throw new SimulationException("no record could be put");
        }
        long gapNanos = (long) (Simulation.SECOND_NANOS / perSecond);
        long endNanos = simulation.world().nanoTime() + simulation.durationNanos();
        while (simulation.world().nanoTime() < endNanos) {
            lookUps.begin();
            simulation.runFor(gapNanos);
        }
        simulation.runFor(LAST_NANOS);
        return lookUps;
    }

    /** All that are made in one run. */
    static final class LookUps {
        private final Simulation simulation;
        private final List<OverlayId> keys = new ArrayList<>();
        private final Samples seconds = new Samples();
        private final Samples hops = new Samples();
        private int refusedPuts;
        private int begun;
        private int right;
        private int wrong;

        LookUps(Simulation simulation) {
            this.simulation = simulation;
        }

        void put(int number) {
            Member member = simulation
                    .ring()
                    .members()
                    .get(number % simulation.ring().members().size());
            byte[] name = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
            OverlayId key = DhtKeys.of("simulated", name);
            byte[] value = key.toByteArray();
            var unused = simulation
                    .dhts()
                    .dht(member)
                    .put(key, value, TTL_SECONDS)
                    .whenComplete((done, failure) -> simulation.world().report(() -> {
                        if (failure == null) {
                            keys.add(key);
                        } else {
                            refusedPuts++;
                        }
                    }));
        }

        void begin() {
            Member asker = simulation.dhts().drawJoined();
            if (asker == null) {
                return;
            }
            OverlayId key = keys.get(simulation.random().nextInt(keys.size()));
            long beganNanos = simulation.world().nanoTime();
            begun++;
            var unused = simulation
                    .dhts()
                    .dht(asker)
                    .get(key, GetOptions.MAJORITY)
                    .whenComplete((result, failure) -> {
                        long tookNanos = simulation.world().nanoTime() - beganNanos;
                        simulation.world().report(() -> judge(key, tookNanos, result));
                    });
            var unusedToo = asker.node()
                    .publicRing()
                    .call(key, Delivery.NEAREST, Ring.CONTACT_METHOD, new byte[0])
                    .whenComplete((reply, failure) -> simulation.world().report(() -> {
                        if (reply != null) {
                            hops.add(reply.hops());
                        }
                    }));
        }

        private void judge(OverlayId key, long tookNanos, @Nullable GetResult result) {
            if (result == null || result.records().isEmpty()) {
                return;
            }
            seconds.add(Simulation.seconds(tookNanos));
            boolean isRight = true;
            for (DhtRecord record : result.records()) {
                isRight &= OverlayId.of(record.value()).equals(key);
            }
            right += isRight ? 1 : 0;
            wrong += isRight ? 0 : 1;
        }

        Outcome outcome() {
            Map<String, Object> metrics = new LinkedHashMap<>();
            metrics.put("records", keys.size());
            metrics.put("refusedPuts", refusedPuts);
            metrics.put("lookUps", begun);
            metrics.put("successShare", Samples.rounded(right / (double) begun));
            metrics.put("wrongAnswers", wrong);
            metrics.put("latencySeconds", seconds.summary(50, 90, 99));
            metrics.put("hopsMean", Samples.rounded(hops.mean()));
            metrics.put("hops", hops.summary(50, 90, 99));
            Chart chart = new Chart(
                            "Look-ups in a ring of " + simulation.settings().nodes(),
                            "seconds",
                            "share of the look-ups")
                    .add(distribution("answered"));
            return new Outcome(metrics, chart);
        }

        Chart.Series distribution(String name) {
            return seconds.distribution(name, begun);
        }
    }
}

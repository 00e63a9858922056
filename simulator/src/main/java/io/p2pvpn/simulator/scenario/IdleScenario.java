package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.Tap;
import io.p2pvpn.simulator.plot.Chart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A settled ring that nobody uses: what it costs each node to keep it. What is counted are frames as nodes send them,
 * and the IP and UDP headers that go with each.
 */
final class IdleScenario implements Scenario {
    private static final Parameter REST =
            new Parameter("rest-seconds", "how long nothing is counted, once the ring has settled", 0, 86_400, 600);
    private static final int HEADERS_BYTES = 28;
    private static final int LOOKS = 20;
    private static final double HOUR_SECONDS = 3600;

    private static final Profile PROFILE = new Profile(
            "idle",
            "a settled ring that nobody uses: messages and bytes of each node in an hour, sessions, heap",
            200,
            2,
            100_000,
            600,
            Links.PLANETLAB,
            List.of(REST));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    /** Counts what is sent. */
    private static final class Meter {
        private long messages;
        private long bytes;
        /** By who sent them; looked up only. */
        private final Map<Endpoint, long[]> bytesFrom = new HashMap<>();

        void count(Endpoint from, int frameBytes) {
            messages++;
            bytes += frameBytes + HEADERS_BYTES;
            bytesFrom.computeIfAbsent(from, unused -> new long[1])[0] += frameBytes + HEADERS_BYTES;
        }
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        long restNanos = simulation.settings().count(REST.name()) * Simulation.SECOND_NANOS;
        simulation.start(restNanos + simulation.durationNanos());
        simulation.runFor(restNanos);
        int nodes = simulation.settings().nodes();
        Meter meter = new Meter();
        Tap tap = (nanos, from, to, frame) -> {
            meter.count(from, frame.length);
            return frame;
        };
        simulation.world().network().addTap(tap);
        Chart.Series messages = Chart.Series.line("messages");
        long startNanos = simulation.world().nanoTime();
        long before = 0;
        for (int look = 1; look <= LOOKS; look++) {
            simulation.run(startNanos + simulation.durationNanos() / LOOKS * look);
            double seconds = Simulation.seconds(simulation.world().nanoTime() - startNanos);
            double lookSeconds = Simulation.seconds(simulation.durationNanos()) / LOOKS;
            messages.add(seconds, (meter.messages - before) / lookSeconds / nodes);
            before = meter.messages;
        }
        double hours = Simulation.seconds(simulation.durationNanos()) / HOUR_SECONDS;
        Samples sessions = new Samples();
        for (Member member : simulation.ring().members()) {
            sessions.add(member.node().sessions().sessions().size());
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("messagesPerNodeAndHour", Samples.rounded(meter.messages / hours / nodes));
        metrics.put("bytesPerNodeAndHour", Samples.rounded(meter.bytes / hours / nodes));
        metrics.put("bytesPerNodeAndSecond", Samples.rounded(meter.bytes / hours / HOUR_SECONDS / nodes));
        metrics.put("sessionsMean", Samples.rounded(sessions.mean()));
        metrics.put("sessions", sessions.summary(1, 50, 99));
        metrics.put("heapBytesPerNode", heapBytes() / nodes);
        Chart chart = new Chart(
                        nodes + " nodes at rest",
                        "seconds since the ring has come to rest",
                        "messages a node and second")
                .add(messages);
        return new Outcome(metrics, charts(simulation, chart, sessions, meter));
    }

    private static List<Chart> charts(Simulation simulation, Chart messages, Samples sessions, Meter meter) {
        Samples load = new Samples();
        for (Member member : simulation.ring().members()) {
            long[] bytes = meter.bytesFrom.get(member.host().address());
            load.add((bytes == null ? 0 : bytes[0]) / Simulation.seconds(simulation.durationNanos()));
        }
        List<Chart> charts = new ArrayList<>(List.of(
                messages,
                Pictures.spread("Size of the table", "sessions", sessions),
                Pictures.spread("Load", "bytes sent a second", load),
                Pictures.coordinates(simulation.ring().members())));
        if (simulation.settings().nodes() <= Pictures.RING_MEMBERS_MAX) {
            charts.add(Pictures.ring(simulation.ring().members()));
        }
        return charts;
    }

    /** What is alive, the simulator itself included. */
    private static long heapBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}

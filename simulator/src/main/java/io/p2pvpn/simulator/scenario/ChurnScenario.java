package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.DhtChurn;
import io.p2pvpn.simulator.RingWorld;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link DhtChurn} in a settled ring, whose state is compared with the known membership once a second, or less
 * often if there are thousands. A node that is just joining, and one whose neighbour has just gone, counts as not
 * right.
 */
final class ChurnScenario implements Scenario {
    private static final String SESSION = "session-seconds";
    private static final String PER_SECOND = "look-ups-per-second";
    private static final String AUDIT = "audit-seconds";
    private static final int SESSION_SECONDS = 600;
    private static final int AUDIT_SECONDS = 30;
    private static final double SECONDS_PER_MINUTE = 60;

    private static final Profile PROFILE = new Profile(
            "churn",
            "nodes come and go while others look records up: answers, latency, state of the ring",
            100,
            10,
            100_000,
            SESSION_SECONDS,
            Links.PLANETLAB,
            List.of(
                    new Parameter(SESSION, "median session of a node", 30, 1_000_000, SESSION_SECONDS),
                    new Parameter(PER_SECOND, "look-ups a second, of all nodes together", 0.01, 1000, 5),
                    new Parameter(AUDIT, "how often all stores are searched", 1, 1_000_000, AUDIT_SECONDS),
                    Parameter.REGIONS));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public boolean canEndEarly() {
        return true;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        Settings settings = simulation.settings();
        simulation.start(simulation.durationNanos());
        DhtChurn churn = new DhtChurn(
                simulation.dhts(),
                new DhtChurn.Options(
                        settings.nodes(),
                        simulation.durationNanos(),
                        (long) (settings.value(SESSION) * Simulation.SECOND_NANOS),
                        settings.value(PER_SECOND),
                        (long) (settings.value(AUDIT) * Simulation.SECOND_NANOS)));
        long endNanos = churn.begin();
        long startNanos = simulation.world().nanoTime();
        Chart.Series right = Chart.Series.line("neighbours as the membership says");
        Samples shares = new Samples();
        long lookSeconds = simulation.lookNanos() / Simulation.SECOND_NANOS;
        long notRightSeconds = 0;
        while (simulation.world().nanoTime() < endNanos) {
            if (simulation.isTimeUp()) {
                endNanos = churn.endNow();
                simulation.plan(endNanos - simulation.world().nanoTime());
            }
            simulation.runFor(simulation.lookNanos());
            double share = RingWorld.shape(simulation.ring().members()).rightShare();
            shares.add(share);
            notRightSeconds += share < 1 ? lookSeconds : 0;
            right.add((simulation.world().nanoTime() - startNanos) / 1e9 / SECONDS_PER_MINUTE, share);
        }
        int answered = churn.lookUps() - churn.unanswered() - churn.wrong();
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("churnSeconds", Simulation.seconds(churn.nanos()));
        metrics.put("crashes", churn.crashes());
        metrics.put("leaves", churn.leaves());
        metrics.put("lookUps", churn.lookUps());
        metrics.put("successShare", churn.lookUps() == 0 ? 0 : Samples.rounded(answered / (double) churn.lookUps()));
        metrics.put("wrongAnswers", churn.wrong());
        metrics.put("unanswered", churn.unanswered());
        metrics.put("lostRecords", churn.lost());
        metrics.put("lostClaims", churn.lostClaims());
        metrics.put("doubleClaims", churn.doubleClaims());
        metrics.put("latencySeconds", latency(churn));
        metrics.put("nodesRightShareMean", Samples.rounded(shares.mean()));
        metrics.put("ringNotRightSeconds", notRightSeconds);
        metrics.put("watchedSeconds", shares.size() * lookSeconds);
        Chart chart = new Chart(
                        settings.nodes() + " nodes, median session " + settings.count(SESSION) + " s",
                        "minutes",
                        "share of the nodes")
                .add(right);
        return new Outcome(metrics, List.of(chart), churn.faults());
    }

    private static Map<String, Object> latency(DhtChurn churn) {
        Map<String, Object> latency = new LinkedHashMap<>();
        if (churn.lookUps() > 0) {
            latency.put("p50", Simulation.seconds(churn.latencyNanos(0.5)));
            latency.put("p90", Simulation.seconds(churn.latencyNanos(0.9)));
            latency.put("p99", Simulation.seconds(churn.latencyNanos(0.99)));
            latency.put("max", Simulation.seconds(churn.latencyNanos(1)));
        }
        return latency;
    }
}

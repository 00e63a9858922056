package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How well the nodes' own coordinates predict round trips: of many pairs the difference between the predicted and the
 * real one, in shares of the real one. The clock starts when the last node has started. At the end some nodes join, and
 * are looked at a minute later.
 */
final class CoordinatesScenario implements Scenario {
    private static final String NEWCOMERS = "newcomers";
    private static final int[] PERCENTS = {25, 50, 75, 90};
    private static final int LOOKS = 60;
    private static final int PAIRS_MAX = 50_000;
    private static final long NEWCOMER_NANOS = 60 * Simulation.SECOND_NANOS;

    private static final Profile PROFILE = new Profile(
            "coordinates",
            "how well the nodes' network coordinates predict round trips, over time",
            200,
            10,
            100_000,
            300,
            Links.PLANETLAB,
            List.of(new Parameter(NEWCOMERS, "nodes that join at the end", 0, 1000, 10)));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) {
        int newcomers = simulation.settings().count(NEWCOMERS);
        long lastNanos = newcomers == 0 ? 0 : NEWCOMER_NANOS;
        simulation.startAll(simulation.durationNanos() + lastNanos);
        simulation.plan(simulation.durationNanos() + lastNanos);
        Map<String, Object> metrics = new LinkedHashMap<>();
        Chart chart = new Chart(
                "Network coordinates of " + simulation.settings().nodes() + " nodes",
                "seconds since the last node started",
                "relative error");
        List<Map<String, Object>> overTime = overTime(simulation, chart);
        metrics.put("samplesPerNode", Samples.rounded(samplesPerNode(simulation)));
        metrics.put("relativeError", last(overTime));
        if (newcomers > 0) {
            metrics.put("newcomersAfterMinute", percentiles(ofNewcomers(simulation, newcomers)));
        }
        metrics.put("overTime", overTime);
        return new Outcome(
                metrics, List.of(chart, Pictures.coordinates(simulation.ring().members())));
    }

    private static List<Map<String, Object>> overTime(Simulation simulation, Chart chart) {
        List<Chart.Series> lines = new ArrayList<>();
        for (int percent : PERCENTS) {
            Chart.Series line = Chart.Series.line(percent + " %");
            lines.add(line);
            chart.add(line);
        }
        List<Map<String, Object>> overTime = new ArrayList<>();
        long startNanos = simulation.world().nanoTime();
        for (int look = 1; look <= LOOKS; look++) {
            simulation.run(startNanos + simulation.durationNanos() / LOOKS * look);
            Samples errors = ofAll(simulation);
            double seconds = Simulation.seconds(simulation.world().nanoTime() - startNanos);
            Map<String, Object> point = new LinkedHashMap<>();
            point.put("seconds", seconds);
            point.putAll(percentiles(errors));
            overTime.add(point);
            for (int i = 0; i < PERCENTS.length; i++) {
                lines.get(i).add(seconds, errors.quantile(PERCENTS[i] / 100.0));
            }
        }
        return overTime;
    }

    private static Map<String, Object> last(List<Map<String, Object>> overTime) {
        Map<String, Object> last = new LinkedHashMap<>(overTime.get(overTime.size() - 1));
        last.remove("seconds");
        return last;
    }

    private static Map<String, Object> percentiles(Samples errors) {
        Map<String, Object> percentiles = new LinkedHashMap<>();
        for (int percent : PERCENTS) {
            percentiles.put("p" + percent, Samples.rounded(errors.quantile(percent / 100.0)));
        }
        return percentiles;
    }

    private static double samplesPerNode(Simulation simulation) {
        return simulation.counter("coordinate.samples")
                / (double) simulation.ring().members().size();
    }

    /** Errors of all pairs, or of as many drawn ones as are enough. */
    private static Samples ofAll(Simulation simulation) {
        List<Member> members = simulation.ring().members();
        Samples errors = new Samples();
        if (members.size() * (members.size() - 1L) / 2 <= PAIRS_MAX) {
            for (int i = 0; i < members.size(); i++) {
                for (int j = i + 1; j < members.size(); j++) {
                    add(errors, simulation, members.get(i), members.get(j));
                }
            }
            return errors;
        }
        for (int k = 0; k < PAIRS_MAX; k++) {
            int i = simulation.random().nextInt(members.size());
            int j = simulation.random().nextInt(members.size());
            if (i != j) {
                add(errors, simulation, members.get(i), members.get(j));
            }
        }
        return errors;
    }

    private static Samples ofNewcomers(Simulation simulation, int count) {
        List<Member> before = List.copyOf(simulation.ring().members());
        List<Member> newcomers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            newcomers.add(simulation.dhts().join());
        }
        simulation.runFor(NEWCOMER_NANOS);
        Samples errors = new Samples();
        for (Member newcomer : newcomers) {
            before.forEach(each -> add(errors, simulation, newcomer, each));
        }
        return errors;
    }

    private static void add(Samples errors, Simulation simulation, Member one, Member other) {
        Coordinate here = place(one);
        Coordinate there = place(other);
        double realNanos = 2.0 * simulation.delayNanos(one.host(), other.host());
        if (here != null && there != null && realNanos > 0) {
            errors.add(Math.abs(here.distanceNanos(there) - realNanos) / realNanos);
        }
    }

    private static @Nullable Coordinate place(Member member) {
        return member.node().sessions().coordinates().own();
    }
}

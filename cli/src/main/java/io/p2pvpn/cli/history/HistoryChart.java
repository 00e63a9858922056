package io.p2pvpn.cli.history;

import io.p2pvpn.cli.history.HistoryReport.Figures;
import io.p2pvpn.cli.history.HistoryReport.Ring;
import io.p2pvpn.cli.history.HistoryReport.Window;
import io.p2pvpn.simulator.plot.Chart;
import io.p2pvpn.simulator.plot.Chart.Series;
import io.p2pvpn.simulator.plot.SvgChart;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A summary as two charts for each ring, over hours. */
final class HistoryChart {
    private static final double SECONDS_PER_HOUR = 3600;

    private HistoryChart() {}

    /** The document; a report without crawls makes empty axes. */
    static String of(HistoryReport report) {
        List<Chart> charts = new ArrayList<>();
        for (Ring ring : report.rings()) {
            if (ring.total().crawls() > 0) {
                draw(ring, charts);
            }
        }
        if (charts.isEmpty()) {
            charts.add(new Chart("no crawls since " + report.since(), "hours", "consistency"));
        }
        return SvgChart.draw(charts);
    }

    private static void draw(Ring ring, List<Chart> charts) {
        String name = new RingName(ring.namespace(), ring.publicRing()).toString();
        Instant begin = Instant.parse(ring.windows().get(0).from());
        String hours = "hours since " + begin;
        Series mean = Series.line("mean");
        Series lowest = Series.steps("lowest");
        Series nodes = Series.line("members, at most");
        Series missing = Series.steps("missing, at most");
        Series late = Series.steps("late, at most");
        for (Window window : ring.windows()) {
            double x = Duration.between(begin, Instant.parse(window.from())).toSeconds() / SECONDS_PER_HOUR;
            Figures figures = window.figures();
            if (figures != null) {
                mean.add(x, figures.consistencyMean());
                lowest.add(x, figures.consistencyMin());
                nodes.add(x, figures.nodesMax());
                missing.add(x, figures.missingMax());
                late.add(x, figures.laggingMax());
            }
        }
        charts.add(new Chart(name + ": consistency", hours, "consistency")
                .add(mean)
                .add(lowest));
        charts.add(new Chart(name + ": members", hours, "members")
                .add(nodes)
                .add(missing)
                .add(late));
    }
}

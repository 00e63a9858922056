package io.p2pvpn.simulator.plot;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes the points of charts as tables for other programs (RFC 4180): line, x, y. A blank line separates one chart's
 * table from the next.
 */
public final class CsvChart {
    private CsvChart() {}

    /** All tables, headers included. */
    public static String write(List<Chart> charts) {
        return charts.stream().map(CsvChart::write).collect(Collectors.joining("\n"));
    }

    private static String write(Chart chart) {
        StringBuilder csv = new StringBuilder("line")
                .append(',')
                .append(quoted(chart.xLabel()))
                .append(',')
                .append(quoted(chart.yLabel()))
                .append('\n');
        for (Chart.Series line : chart.series()) {
            for (Chart.Point point : line.points()) {
                csv.append(quoted(line.name()))
                        .append(String.format(Locale.ROOT, ",%.6g,%.6g\n", point.x(), point.y()));
            }
        }
        return csv.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}

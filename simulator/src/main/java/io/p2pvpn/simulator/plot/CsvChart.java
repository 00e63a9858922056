package io.p2pvpn.simulator.plot;

import java.util.Locale;

/** Writes the points of a chart as a table for other programs (RFC 4180): line, x, y. */
public final class CsvChart {
    private CsvChart() {}

    /** The whole table, header included. */
    public static String write(Chart chart) {
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

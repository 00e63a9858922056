package io.p2pvpn.simulator.plot;

import io.p2pvpn.simulator.plot.Chart.Form;
import io.p2pvpn.simulator.plot.Chart.Point;
import io.p2pvpn.simulator.plot.Chart.Series;
import java.util.List;
import java.util.Locale;

/** Draws charts, one below the other, as one SVG document, which follows the reader's choice between light and dark. */
public final class SvgChart {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 440;
    private static final int LEFT = 72;
    private static final int RIGHT = 24;
    private static final int TOP = 76;
    private static final int BOTTOM = 60;
    private static final int LETTER_WIDTH = 7;
    private static final int LEGEND_GAP = 44;
    /** More points than that on one line cannot be told apart. */
    private static final int POINTS_MAX = 1000;

    private static final int COLOURS = 6;
    private static final String STYLE = """
            text { font: 13px system-ui, sans-serif; fill: #24292f }
            .title { font-size: 16px; font-weight: 600 }
            .paper { fill: #ffffff }
            .grid { stroke: #d8dee4; stroke-width: 1 }
            .axis { stroke: #57606a; stroke-width: 1.2 }
            .line { fill: none; stroke-width: 2; stroke-linejoin: round }
            .strokes { fill: none; stroke-width: 1; stroke-opacity: 0.5 }
            .dots { fill: none; stroke-width: 5; stroke-linecap: round; stroke-opacity: 0.7 }
            .c0 { stroke: #0969da } .c1 { stroke: #bc4c00 } .c2 { stroke: #1a7f37 }
            .c3 { stroke: #8250df } .c4 { stroke: #bf3989 } .c5 { stroke: #6e7781 }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 }
              .paper { fill: #0d1117 }
              .grid { stroke: #30363d }
              .axis { stroke: #8b949e }
              .c0 { stroke: #58a6ff } .c1 { stroke: #f0883e } .c2 { stroke: #56d364 }
              .c3 { stroke: #bc8cff } .c4 { stroke: #ff7bb5 } .c5 { stroke: #b1bac4 }
            }
            """;

    private final Chart chart;
    private final Axis x;
    private final Axis y;
    private final StringBuilder svg = new StringBuilder();

    private SvgChart(Chart chart) {
        this.chart = chart;
        this.x = Axis.upTo(chart.series().stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::x)
                .max()
                .orElse(1));
        this.y = Axis.upTo(chart.series().stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::y)
                .max()
                .orElse(1));
    }

    /** The document of at least one chart. */
    public static String draw(List<Chart> charts) {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                        + " role=\"img\" aria-label=\"%s\">\n<style>\n%s</style>\n",
                WIDTH,
                charts.size() * HEIGHT,
                WIDTH,
                charts.size() * HEIGHT,
                escaped(charts.get(0).title()),
                STYLE));
        svg.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        for (int i = 0; i < charts.size(); i++) {
            svg.append(String.format("<g transform=\"translate(0 %d)\">\n", i * HEIGHT))
                    .append(new SvgChart(charts.get(i)).draw())
                    .append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private String draw() {
        text(WIDTH / 2.0, 26, "middle", "title", chart.title());
        grid();
        int left = LEFT;
        for (int i = 0; i < chart.series().size(); i++) {
            Series line = chart.series().get(i);
            line("line c" + i % COLOURS, left, TOP - 28, left + 18, TOP - 28);
            text(left + 24, TOP - 23.5, "start", "", line.name());
            left += line.name().length() * LETTER_WIDTH + LEGEND_GAP;
            path(line, i);
        }
        return svg.toString();
    }

    private void grid() {
        for (double mark : x.marks()) {
            line("grid", atX(mark), TOP, atX(mark), HEIGHT - BOTTOM);
            text(atX(mark), HEIGHT - BOTTOM + 18, "middle", "", x.text(mark));
        }
        for (double mark : y.marks()) {
            line("grid", LEFT, atY(mark), WIDTH - RIGHT, atY(mark));
            text(LEFT - 8, atY(mark) + 4.5, "end", "", y.text(mark));
        }
        line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
        line("axis", LEFT, TOP, LEFT, HEIGHT - BOTTOM);
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "middle", "", chart.xLabel());
        double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
        svg.append(String.format(
                Locale.ROOT,
                "<text transform=\"translate(20 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
                middle,
                escaped(chart.yLabel())));
    }

    private void path(Series line, int number) {
        List<Point> points = line.points();
        if (points.isEmpty()) {
            return;
        }
        int stride = line.form() == Form.STROKES ? 1 : (points.size() + POINTS_MAX - 1) / POINTS_MAX;
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < points.size(); i = nextPoint(i, stride, points.size())) {
            Point point = points.get(i);
            if (line.form() == Form.DOTS) {
                path.append(String.format(Locale.ROOT, "M%.1f %.1fh0", atX(point.x()), atY(point.y())));
            } else if (i == 0 || (line.form() == Form.STROKES && i % 2 == 0)) {
                path.append(String.format(Locale.ROOT, "M%.1f %.1f", atX(point.x()), atY(point.y())));
            } else if (line.form() == Form.STEPS) {
                path.append(String.format(Locale.ROOT, "H%.1fV%.1f", atX(point.x()), atY(point.y())));
            } else {
                path.append(String.format(Locale.ROOT, "L%.1f %.1f", atX(point.x()), atY(point.y())));
            }
        }
        String style = switch (line.form()) {
            case LINE, STEPS -> "line";
            case STROKES -> "strokes";
            case DOTS -> "dots";
        };
        svg.append(String.format("<path class=\"%s c%d\" d=\"%s\"/>\n", style, number % COLOURS, path));
    }

    /** The last point is always drawn. */
    private static int nextPoint(int i, int stride, int size) {
        return i < size - 1 ? Math.min(i + stride, size - 1) : size;
    }

    private double atX(double value) {
        return LEFT + value / x.most() * (WIDTH - LEFT - RIGHT);
    }

    private double atY(double value) {
        return HEIGHT - BOTTOM - value / y.most() * (HEIGHT - TOP - BOTTOM);
    }

    private void line(String style, double fromX, double fromY, double toX, double toY) {
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                style,
                fromX,
                fromY,
                toX,
                toY));
    }

    private void text(double atX, double atY, String anchor, String style, String words) {
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
                style,
                atX,
                atY,
                anchor,
                escaped(words)));
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}

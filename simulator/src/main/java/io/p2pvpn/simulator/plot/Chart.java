package io.p2pvpn.simulator.plot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lines over one pair of axes. Confined to the thread that fills it. */
public final class Chart {
    private final String title;
    private final String xLabel;
    private final String yLabel;
    private final List<Series> series = new ArrayList<>();

    /** An empty chart. */
    public Chart(String title, String xLabel, String yLabel) {
        this.title = title;
        this.xLabel = xLabel;
        this.yLabel = yLabel;
    }

    /**
     * A point.
     *
     * @param x along
     * @param y up
     */
    public record Point(double x, double y) {}

    /** What a series looks like. */
    enum Form {
        LINE,
        STEPS,
        STROKES,
        DOTS
    }

    /** One line, from left to right, or several short ones, or dots. */
    public static final class Series {
        private final String name;
        private final Form form;
        private final List<Point> points = new ArrayList<>();

        private Series(String name, Form form) {
            this.name = name;
            this.form = form;
        }

        /** A line that goes straight from point to point. */
        public static Series line(String name) {
            return new Series(name, Form.LINE);
        }

        /** A line whose value stays until the next point. */
        public static Series steps(String name) {
            return new Series(name, Form.STEPS);
        }

        /** A line from the first point to the second, one from the third to the fourth, and so on. */
        public static Series strokes(String name) {
            return new Series(name, Form.STROKES);
        }

        /** Points that nothing connects. */
        public static Series dots(String name) {
            return new Series(name, Form.DOTS);
        }

        /** Adds a point; to a line, right of the last one or above it. */
        public Series add(double x, double y) {
            points.add(new Point(x, y));
            return this;
        }

        String name() {
            return name;
        }

        Form form() {
            return form;
        }

        List<Point> points() {
            return Collections.unmodifiableList(points);
        }
    }

    /** Adds a line. */
    public Chart add(Series line) {
        series.add(line);
        return this;
    }

    String title() {
        return title;
    }

    String xLabel() {
        return xLabel;
    }

    String yLabel() {
        return yLabel;
    }

    List<Series> series() {
        return Collections.unmodifiableList(series);
    }
}

package io.p2pvpn.simulator.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A linear axis from zero to a round number.
 *
 * @param most where it ends
 * @param step distance of its marks
 */
record Axis(double most, double step) {
    private static final int MARKS = 6;
    private static final double TINY = 1e-9;

    /** An axis on which {@code value} has room. */
    static Axis upTo(double value) {
        double needed = value > TINY ? value : 1;
        double decade = Math.pow(10, Math.floor(Math.log10(needed / MARKS)));
        double step = decade;
        for (double factor : new double[] {1, 2, 5, 10}) {
            step = factor * decade;
            if (step * MARKS >= needed * (1 - TINY)) {
                break;
            }
        }
        return new Axis(Math.ceil(needed / step - TINY) * step, step);
    }

    /** The marks, the ends included. */
    List<Double> marks() {
        List<Double> marks = new ArrayList<>();
        for (int i = 0; i <= Math.round(most / step); i++) {
            marks.add(i * step);
        }
        return marks;
    }

    /** A mark as it is written. */
    String text(double mark) {
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - TINY));
        return String.format(Locale.ROOT, "%." + decimals + "f", mark);
    }
}

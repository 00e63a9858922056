package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.plot.Chart;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Numbers that were measured, and how they are spread. */
final class Samples {
    private double[] values = new double[16];
    private int size;
    private boolean isSorted = true;

    void add(double value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
        isSorted = false;
    }

    int size() {
        return size;
    }

    double mean() {
        return Arrays.stream(values, 0, size).average().orElse(0);
    }

    /** The least value that this share of the samples does not exceed (nearest rank); 0 without samples. */
    double quantile(double share) {
        if (!isSorted) {
            Arrays.sort(values, 0, size);
            isSorted = true;
        }
        int rank = (int) Math.ceil(share * size);
        return size == 0 ? 0 : values[Math.max(0, Math.min(size, rank) - 1)];
    }

    /** These percentiles under p50, p99 and so on, and the maximum. */
    Map<String, Object> summary(int... percents) {
        Map<String, Object> summary = new LinkedHashMap<>();
        for (int percent : percents) {
            summary.put("p" + percent, rounded(quantile(percent / 100.0)));
        }
        summary.put("max", rounded(quantile(1)));
        return summary;
    }

    /** The share of {@code all} that did not exceed each value, as a line of steps. */
    Chart.Series distribution(String name, int all) {
        Chart.Series series = Chart.Series.steps(name);
        series.add(0, 0);
        for (int i = 1; i <= size; i++) {
            series.add(quantile(i / (double) size), i / (double) all);
        }
        return series;
    }

    /** The share of all samples that did not exceed each value that occurs: for many samples of few values. */
    Chart.Series shares(String name) {
        Chart.Series series = Chart.Series.steps(name);
        double last = quantile(0);
        for (int i = 0; i < size; i++) {
            if (values[i] > last) {
                series.add(last, i / (double) size);
                last = values[i];
            }
        }
        return series.add(last, 1);
    }

    /** Six significant digits are more than any of this is worth. */
    static double rounded(double value) {
        return value == 0 ? 0 : Double.parseDouble(String.format(Locale.ROOT, "%.6g", value));
    }
}

package io.p2pvpn.cli.simulate;

import io.p2pvpn.cli.Table;
import io.p2pvpn.cli.Words;
import io.p2pvpn.simulator.scenario.Progress;
import io.p2pvpn.simulator.scenario.SimulationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result of a simulation, and how far one is, for people. */
final class ResultText {
    private static final String INDENT = "  ";
    /** Of longer tables some rows are shown, evenly spread. */
    private static final int ROWS_MAX = 30;

    private static final int ROWS_SHOWN = 12;

    private static final double STARTED_SHARE = 0.1;

    private ResultText() {}

    /** All of a result, one line per figure. */
    static String of(SimulationResult result) {
        double eventsPerSecond = result.events() / Math.max(1e-3, result.wallSeconds());
        Table figures = new Table(
                INDENT,
                "simulated",
                Words.span(Math.round(result.simulatedSeconds())) + " in " + number(result.wallSeconds()) + " s, "
                        + grouped(result.events()) + " events (" + grouped(Math.round(eventsPerSecond)) + "/s), heap "
                        + Words.bytes(result.peakHeapBytes()));
        StringBuilder tables = new StringBuilder();
        result.metrics().forEach((name, value) -> {
            if (value instanceof List<?> rows && !rows.isEmpty() && rows.get(0) instanceof Map) {
                tables.append(INDENT).append(words(name)).append('\n').append(table(rows));
            } else {
                figures.row(words(name), text(value));
            }
        });
        figures.row("invariant violations", Integer.toString(result.invariantViolations()));
        figures.row("digest", result.digest());
        return result.scenario() + ", " + grouped(result.nodes()) + " nodes, seed " + result.seed() + "\n" + figures
                + tables;
    }

    /** How far a simulation is, in a line. */
    static String of(Progress progress) {
        return String.format(
                Locale.ROOT,
                "%s: %s of about %s simulated, %s events, %s/s%s",
                Words.span(Math.round(progress.wallSeconds())),
                Words.span(Math.round(progress.simulatedSeconds())),
                Words.span(Math.round(progress.plannedSeconds())),
                grouped(progress.events()),
                grouped(Math.round(progress.eventsPerSecond())),
                left(progress));
    }

    /** How fast it goes while all nodes start says nothing about the rest. */
    private static String left(Progress progress) {
        return progress.simulatedSeconds() < STARTED_SHARE * progress.plannedSeconds()
                ? ""
                : ", about " + Words.span(Math.round(progress.leftSeconds())) + " left";
    }

    private static Table table(List<?> rows) {
        List<Map<?, ?>> shown = new ArrayList<>();
        int stride = rows.size() <= ROWS_MAX ? 1 : (rows.size() + ROWS_SHOWN - 1) / ROWS_SHOWN;
        for (int i = rows.size() - 1; i >= 0; i -= stride) {
            shown.add(0, (Map<?, ?>) rows.get(i));
        }
        Table table = new Table(
                INDENT + INDENT,
                shown.get(0).keySet().stream().map(key -> words(key.toString())).toArray(String[]::new));
        shown.forEach(
                row -> table.row(row.values().stream().map(ResultText::text).toArray(String[]::new)));
        return table;
    }

    private static String text(@Nullable Object value) {
        if (value instanceof Map<?, ?> parts) {
            List<String> texts = new ArrayList<>();
            parts.forEach((name, part) -> texts.add(name + " " + text(part)));
            return String.join("  ", texts);
        }
        if (value instanceof Double number) {
            return number(number);
        }
        if (value instanceof Number number) {
            return grouped(number.longValue());
        }
        return String.valueOf(value);
    }

    private static String number(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return value == Math.rint(value) && size < 1e6
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** The words of a name like {@code latencySeconds}. */
    private static String words(String name) {
        return name.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
    }
}

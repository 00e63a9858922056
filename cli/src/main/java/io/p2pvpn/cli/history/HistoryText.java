package io.p2pvpn.cli.history;

import io.p2pvpn.cli.Table;
import io.p2pvpn.cli.Words;
import io.p2pvpn.cli.history.HistoryReport.Figures;
import io.p2pvpn.cli.history.HistoryReport.Member;
import io.p2pvpn.cli.history.HistoryReport.Ring;
import io.p2pvpn.cli.history.HistoryReport.Window;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A summary as a person reads it. */
final class HistoryText {
    private HistoryText() {}

    static String of(HistoryReport report) {
        StringBuilder text = new StringBuilder();
        for (Ring ring : report.rings()) {
            text.append(text.isEmpty() ? "" : "\n").append(heading(ring));
            Table table = new Table(
                    "",
                    "FROM (UTC)",
                    "CRAWLS",
                    "FAILED",
                    "NODES",
                    "CONSISTENCY",
                    "LOWEST",
                    "MISSING",
                    "LATE",
                    "PARTIAL");
            ring.windows().forEach(window -> row(table, window));
            text.append(table);
            members(text, "most often missing", ring.mostMissing());
            members(text, "most often late", ring.mostLagging());
        }
        if (report.rings().isEmpty()) {
            text.append("no crawls since ").append(report.since()).append('\n');
        }
        if (report.unreadable() > 0) {
            text.append(report.unreadable())
                    .append(report.unreadable() == 1 ? " line cannot be read\n" : " lines cannot be read\n");
        }
        return text.toString();
    }

    private static String heading(Ring ring) {
        Window total = ring.total();
        String name = new RingName(ring.namespace(), ring.publicRing()).toString();
        String counts = name + ": " + total.crawls() + (total.crawls() == 1 ? " crawl" : " crawls")
                + (total.failed() == 0 ? "" : " and " + total.failed() + " that failed") + " since " + total.from();
        Figures figures = total.figures();
        return figures == null
                ? counts + "\n"
                : counts + ", consistency " + share(figures.consistencyMean()) + ", at least "
                        + share(figures.consistencyMin()) + "\n";
    }

    private static void row(Table table, Window window) {
        Figures figures = window.figures();
        if (figures == null) {
            table.row(time(window), "0", String.valueOf(window.failed()));
            return;
        }
        boolean same = figures.nodesMin() == figures.nodesMax();
        table.row(
                time(window),
                String.valueOf(window.crawls()),
                String.valueOf(window.failed()),
                figures.nodesMin() + (same ? "" : "-" + figures.nodesMax()),
                share(figures.consistencyMean()),
                share(figures.consistencyMin()),
                String.valueOf(figures.missingMax()),
                String.valueOf(figures.laggingMax()),
                String.valueOf(figures.incomplete()));
    }

    /** Of {@code 2026-11-30T12:00:00Z} what is before the zone, with a blank. */
    private static String time(Window window) {
        return window.from().replace('T', ' ').replace("Z", "");
    }

    private static String share(double value) {
        String four = String.format(Locale.ROOT, "%.4f", value);
        return value < 1 && four.startsWith("1") ? "0.9999" : four;
    }

    private static void members(StringBuilder text, String what, List<Member> members) {
        if (!members.isEmpty()) {
            text.append(what).append(": ");
            text.append(members.stream()
                    .map(each -> Words.id(each.id()) + " (" + each.crawls() + ")")
                    .collect(Collectors.joining(", ")));
            text.append('\n');
        }
    }
}

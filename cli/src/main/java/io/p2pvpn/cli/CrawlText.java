package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.CrawlResult;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A crawl as a person reads it. */
final class CrawlText {
    private static final int SHOWN_MAX = 20;
    private static final double MILLIS_PER_SECOND = 1000;

    private CrawlText() {}

    static String text(CrawlResult result) {
        Map<String, String> names = new TreeMap<>();
        result.ring().forEach(each -> names.put(each.id(), each.name()));
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s (first neighbours %s, second %s)%n",
                heading(result),
                share(result.left1Consistency()),
                share(result.left2Consistency())));
        text.append(String.format(
                Locale.ROOT,
                "%s by %s: %.2f s, %d messages, %s, depth %d, slowest member %s%n",
                result.method(),
                result.by(),
                result.durationMillis() / MILLIS_PER_SECOND,
                result.messages(),
                Words.bytes(result.bytes()),
                result.depth(),
                Words.millis(result.mapMillisMax())));
        list(text, "no answer in time from", result.lagging(), names);
        list(text, "missing (known from elsewhere)", result.missing(), names);
        gaps(text, result.gaps(), names);
        inconsistencies(text, result.inconsistencies(), names);
        for (CrawlResult.FindingEntry finding : result.findings()) {
            text.append("likely cause: ")
                    .append(finding.cause())
                    .append(": ")
                    .append(finding.text())
                    .append('\n');
        }
        if (!result.ring().isEmpty()) {
            text.append(ring(result, names));
        }
        return text.toString();
    }

    /** Which ring, how many members, how consistent. */
    static String heading(CrawlResult result) {
        return String.format(
                Locale.ROOT,
                "%s: %d %s, consistency %s",
                result.namespace() == null ? "public ring" : result.namespace(),
                result.nodes(),
                result.nodes() == 1 ? "member" : "members",
                share(result.consistency()));
    }

    private static String share(double value) {
        String four = String.format(Locale.ROOT, "%.4f", value);
        return value < 1 && four.startsWith("1") ? "0.9999" : four;
    }

    private static String who(@Nullable String id, Map<String, String> names) {
        String name = id == null ? "" : names.getOrDefault(id, "");
        return name.isEmpty() ? Words.id(id) : Words.id(id) + " (" + name + ")";
    }

    private static void list(StringBuilder text, String what, List<String> ids, Map<String, String> names) {
        if (!ids.isEmpty()) {
            text.append(what).append(": ");
            text.append(String.join(
                    ", ",
                    ids.stream().limit(SHOWN_MAX).map(id -> who(id, names)).toList()));
            text.append(more(ids.size())).append('\n');
        }
    }

    private static String more(int size) {
        return size > SHOWN_MAX ? ", and " + (size - SHOWN_MAX) + " more" : "";
    }

    private static void gaps(StringBuilder text, List<CrawlResult.GapEntry> gaps, Map<String, String> names) {
        gaps.stream().limit(SHOWN_MAX).forEach(gap -> {
            text.append("not covered: ")
                    .append(Words.id(gap.from()))
                    .append("..")
                    .append(Words.id(gap.to()));
            text.append(", ").append(gap.reason());
            text.append(gap.member() == null ? "" : " at " + who(gap.member(), names))
                    .append('\n');
        });
        if (gaps.size() > SHOWN_MAX) {
            text.append("not covered").append(more(gaps.size())).append('\n');
        }
    }

    private static void inconsistencies(
            StringBuilder text, List<CrawlResult.InconsistencyEntry> faults, Map<String, String> names) {
        if (faults.isEmpty()) {
            return;
        }
        Table table = new Table("", "DISAGREE", "MEMBER", "NAMES", "WHICH NAMES BACK");
        faults.stream()
                .limit(SHOWN_MAX)
                .forEach(each -> table.row(
                        each.side(),
                        who(each.node(), names),
                        who(each.expected(), names),
                        each.found() == null ? "nobody" : who(each.found(), names)));
        text.append(table);
        if (faults.size() > SHOWN_MAX) {
            text.append(more(faults.size())).append('\n');
        }
    }

    private static Table ring(CrawlResult result, Map<String, String> names) {
        Table table = new Table("", "ID", "NAME", "NEXT", "NEAR", "FAR", "CHOTA", "RELAYED");
        result.ring()
                .forEach(each -> table.row(
                        Words.id(each.id()),
                        Words.orDash(each.name()),
                        each.successors().isEmpty()
                                ? "-"
                                : who(each.successors().get(0), names),
                        String.valueOf(
                                each.successors().size() + each.predecessors().size()),
                        String.valueOf(each.far().size()),
                        String.valueOf(each.chota().size()),
                        String.valueOf(each.relayed().size())));
        return table;
    }
}

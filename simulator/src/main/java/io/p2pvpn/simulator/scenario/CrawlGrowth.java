package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.plot.Chart;
import io.p2pvpn.simulator.plot.Chart.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How crawls of each kind grow with their ring, as pictures. */
final class CrawlGrowth {
    private static final String MEMBERS = "members, powers of 10";
    private static final String A_MEMBER = "a member";
    private static final String SQUARE = "(log2 N)\u00b2, scaled";
    /** Those that bring everybody's lists to one member: their times would hide the others'. */
    private static final List<String> SLOW = List.of("lists", "listsBothWays", "sequential");

    private final Map<String, Series> decades = new LinkedHashMap<>();
    private final Map<String, Series> seconds = new LinkedHashMap<>();
    private final Map<String, Series> messages = new LinkedHashMap<>();
    private final Map<String, Series> bytes = new LinkedHashMap<>();
    private double scale;

    /** Those of one kind in a ring of that size. */
    void add(String name, int nodes, double secondsOfOne, double messagesOfAll, double bytesPerNode) {
        double size = Math.log10(nodes);
        add(decades, name, size, Math.log10(Math.max(1, secondsOfOne)));
        if (!SLOW.contains(name)) {
            add(seconds, name, size, secondsOfOne);
        }
        add(messages, name, size, messagesOfAll / nodes);
        add(bytes, name, size, bytesPerNode);
    }

    /** A line that grows with the square of the logarithm, from the first of these points on. */
    void square(int nodes, double secondsOfOne) {
        double log2 = Math.log(nodes) / Math.log(2);
        scale = scale == 0 ? secondsOfOne / (log2 * log2) : scale;
        add(seconds, SQUARE, Math.log10(nodes), scale * log2 * log2);
    }

    private static void add(Map<String, Series> all, String name, double x, double y) {
        all.computeIfAbsent(name, Series::line).add(x, y);
    }

    List<Chart> charts() {
        return List.of(
                chart("Time of a crawl", "seconds, powers of 10", decades),
                chart("Time of a crawl whose answers stay small", "seconds", seconds),
                chart("Messages of a crawl", A_MEMBER, messages),
                chart("Bytes of a crawl", A_MEMBER, bytes));
    }

    private static Chart chart(String title, String what, Map<String, Series> lines) {
        Chart chart = new Chart(title, MEMBERS, what);
        lines.values().forEach(chart::add);
        return chart;
    }
}

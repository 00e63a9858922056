package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.plot.Chart;
import io.p2pvpn.simulator.plot.Chart.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How crawls of each kind grow with their ring, as pictures. */
final class CrawlGrowth {
    private static final String MEMBERS = "members, powers of 10";
    private static final String SQUARE = "(log2 N)\u00b2, scaled";

    private final Map<String, Series> seconds = new LinkedHashMap<>();
    private final Map<String, Series> messages = new LinkedHashMap<>();
    private final Map<String, Series> bytes = new LinkedHashMap<>();
    private double scale;

    /** Those of one kind in a ring of that size. */
    void add(String name, int nodes, double secondsOfOne, double messagesOfAll, double bytesPerNode) {
        double decades = Math.log10(nodes);
        add(seconds, name, decades, Math.log10(Math.max(1, secondsOfOne)));
        add(messages, name, decades, messagesOfAll / nodes);
        add(bytes, name, decades, bytesPerNode);
    }

    /** From now on all is in a ring of that size, in which a kind that stands for the trees takes so long. */
    void square(int nodes, double secondsOfOne) {
        double log2 = Math.log(nodes) / Math.log(2);
        scale = scale == 0 ? secondsOfOne / (log2 * log2) : scale;
        add(seconds, SQUARE, Math.log10(nodes), Math.log10(Math.max(1, scale * log2 * log2)));
    }

    private static void add(Map<String, Series> all, String name, double x, double y) {
        all.computeIfAbsent(name, Series::line).add(x, y);
    }

    List<Chart> charts() {
        Chart time = new Chart("Time of a crawl", MEMBERS, "seconds, powers of 10");
        seconds.values().forEach(time::add);
        Chart calls = new Chart("Messages of a crawl", MEMBERS, "a member");
        messages.values().forEach(calls::add);
        Chart load = new Chart("Bytes of a crawl", MEMBERS, "a member");
        bytes.values().forEach(load::add);
        return List.of(time, calls, load);
    }
}

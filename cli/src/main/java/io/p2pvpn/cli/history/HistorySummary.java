package io.p2pvpn.cli.history;

import io.p2pvpn.cli.history.HistoryReport.Figures;
import io.p2pvpn.cli.history.HistoryReport.Member;
import io.p2pvpn.cli.history.HistoryReport.Ring;
import io.p2pvpn.cli.history.HistoryReport.Window;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Adds crawls up, by ring and by window of time. Its size does not depend on how many there are. */
final class HistorySummary {
    /** Windows of all rings; more are no table, and no chart. */
    static final int WINDOWS_MAX = 10_000;
    /** Members of a ring whose absences are counted. */
    static final int MEMBERS_MAX = 65_536;
    /** Members told. */
    static final int TOLD_MAX = 10;
    /** Digits of a share behind the point. */
    private static final int DIGITS = 6;

    private static final long MILLIS_PER_SECOND = 1000;

    private final long windowMillis;
    private final TreeMap<RingName, OfRing> rings = new TreeMap<>();
    private int windows;

    /** A summary by windows of that length. */
    HistorySummary(long windowSeconds) {
        this.windowMillis = Math.multiplyExact(windowSeconds, MILLIS_PER_SECOND);
    }

    /**
     * Adds a crawl.
     *
     * @throws IllegalArgumentException if there are too many windows
     */
    void add(CrawlPoint crawl) {
        OfRing ring = rings.computeIfAbsent(crawl.ring(), name -> new OfRing());
        Sums window = ring.windows.computeIfAbsent(crawl.atMillis() / windowMillis * windowMillis, from -> {
            windows++;
            return new Sums();
        });
        if (windows > WINDOWS_MAX) {
            throw new IllegalArgumentException("there would be more than " + WINDOWS_MAX + " windows");
        }
        window.add(crawl);
        ring.total.add(crawl);
        count(crawl.missing(), ring.missing);
        count(crawl.lagging(), ring.lagging);
    }

    private static void count(List<String> ids, Map<String, Integer> crawls) {
        for (String id : new TreeSet<>(ids)) {
            if (crawls.size() < MEMBERS_MAX || crawls.containsKey(id)) {
                crawls.merge(id, 1, Integer::sum);
            }
        }
    }

    /** What was added so far. */
    HistoryReport report(Instant since, int unreadable) {
        List<Ring> told = new ArrayList<>();
        rings.forEach((name, ring) -> told.add(ring.told(name)));
        return new HistoryReport(since.toString(), windowMillis / MILLIS_PER_SECOND, unreadable, told);
    }

    /** A ring so far. */
    private static final class OfRing {
        private final Sums total = new Sums();
        private final TreeMap<Long, Sums> windows = new TreeMap<>();
        private final TreeMap<String, Integer> missing = new TreeMap<>();
        private final TreeMap<String, Integer> lagging = new TreeMap<>();

        Ring told(RingName name) {
            List<Window> all = new ArrayList<>();
            windows.forEach((from, sums) -> all.add(sums.told(from)));
            return new Ring(
                    name.namespace(),
                    name.publicRing(),
                    total.told(total.firstMillis),
                    all,
                    most(missing),
                    most(lagging));
        }

        private static List<Member> most(Map<String, Integer> crawls) {
            return crawls.entrySet().stream()
                    .map(each -> new Member(each.getKey(), each.getValue()))
                    .sorted(Comparator.comparingInt(Member::crawls).reversed().thenComparing(Member::id))
                    .limit(TOLD_MAX)
                    .toList();
        }
    }

    /** A time so far. */
    private static final class Sums {
        private long firstMillis = Long.MAX_VALUE;
        private int crawls;
        private int failed;
        private int incomplete;
        private double consistency;
        private double consistencyMin = 1;
        private int nodesMin = Integer.MAX_VALUE;
        private int nodesMax;
        private int missingMax;
        private int laggingMax;

        void add(CrawlPoint crawl) {
            firstMillis = Math.min(firstMillis, crawl.atMillis());
            if (crawl.failed()) {
                failed++;
                return;
            }
            crawls++;
            incomplete += crawl.complete() ? 0 : 1;
            consistency += crawl.consistency();
            consistencyMin = Math.min(consistencyMin, crawl.consistency());
            nodesMin = Math.min(nodesMin, crawl.nodes());
            nodesMax = Math.max(nodesMax, crawl.nodes());
            missingMax = Math.max(missingMax, crawl.missing().size());
            laggingMax = Math.max(laggingMax, crawl.lagging().size());
        }

        Window told(long fromMillis) {
            String from = Instant.ofEpochMilli(fromMillis).toString();
            return new Window(from, crawls, failed, crawls == 0 ? null : figures());
        }

        private Figures figures() {
            return new Figures(
                    rounded(consistency / crawls),
                    rounded(consistencyMin),
                    nodesMin,
                    nodesMax,
                    missingMax,
                    laggingMax,
                    incomplete);
        }

        private static double rounded(double share) {
            return BigDecimal.valueOf(share)
                    .setScale(DIGITS, RoundingMode.HALF_UP)
                    .doubleValue();
        }
    }
}

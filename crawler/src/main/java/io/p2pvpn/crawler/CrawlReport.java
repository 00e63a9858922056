package io.p2pvpn.crawler;

import io.p2pvpn.crawler.mapreduce.Coverage;
import io.p2pvpn.crawler.mapreduce.Gap;
import io.p2pvpn.crawler.task.Consistency;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a crawl found. Immutable.
 *
 * @param options how it was made
 * @param consistency of those that answered
 * @param coverage what it is about, and what it cost
 * @param ring what members said, by ID; empty where only numbers were asked for, or lists were pruned
 * @param lagging members that were known of and did not answer, or not in time
 * @param missing members that should be there and did not answer, by what is known from elsewhere
 * @param found who answered, by ID; null where only their number is known
 * @param nanos how long it took
 */
public record CrawlReport(
        CrawlOptions options,
        Consistency consistency,
        Coverage coverage,
        List<NodeReport> ring,
        List<OverlayId> lagging,
        List<OverlayId> missing,
        @Nullable List<OverlayId> found,
        long nanos) {
    /** Keeps its own copies of the lists. */
    public CrawlReport {
        ring = List.copyOf(ring);
        lagging = List.copyOf(lagging);
        missing = List.copyOf(missing);
        found = found == null ? null : List.copyOf(found);
    }

    /**
     * Compares with who should be there.
     *
     * @param found who answered; null if only their number is known
     */
    static CrawlReport of(
            CrawlOptions options,
            Consistency consistency,
            Coverage coverage,
            List<NodeReport> ring,
            @Nullable Collection<OverlayId> found,
            long nanos) {
        SortedSet<OverlayId> lagging = new TreeSet<>();
        for (Gap gap : coverage.gaps()) {
            OverlayId member = gap.member();
            if (member != null && gap.reason().isLagging() && (found == null || !found.contains(member))) {
                lagging.add(member);
            }
        }
        List<OverlayId> answered = found == null ? null : new ArrayList<>(new TreeSet<>(found));
        return new CrawlReport(
                        options, consistency, coverage, ring, new ArrayList<>(lagging), List.of(), answered, nanos)
                .comparedWith(options.known());
    }

    /** True if it can be told whether somebody is missing. */
    public boolean isComparable() {
        return found != null;
    }

    /** The same, with those of these members missing that did not answer. */
    public CrawlReport comparedWith(SortedSet<OverlayId> known) {
        SortedSet<OverlayId> absent = new TreeSet<>(missing);
        if (found != null) {
            absent.addAll(known);
            absent.removeAll(new TreeSet<>(found));
        }
        return new CrawlReport(options, consistency, coverage, ring, lagging, new ArrayList<>(absent), found, nanos);
    }

    /** The longest that a member needed for its own answer, milliseconds. */
    public double mapMillisMax() {
        return coverage.slowest().isEmpty() ? 0 : coverage.slowest().get(0).mapMicros() / 1000.0;
    }
}

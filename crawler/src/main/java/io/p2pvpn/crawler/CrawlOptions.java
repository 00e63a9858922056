package io.p2pvpn.crawler;

import io.p2pvpn.crawler.mapreduce.TaskOptions;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How to crawl. Immutable.
 *
 * @param method from member to member, or as a tree
 * @param by what members answer; a walk from member to member always brings lists
 * @param waiting whether slow and silent members are waited for until the time is over
 * @param bothWays whether the tree goes out from both sides
 * @param pruned whether lists of members that agree are left out on the way: their number is told, not who they are
 * @param timeoutNanos the whole time there is
 * @param known members that should be there, as is known from elsewhere; empty: nothing is known
 */
public record CrawlOptions(
        Method method,
        By by,
        boolean waiting,
        boolean bothWays,
        boolean pruned,
        long timeoutNanos,
        SortedSet<OverlayId> known) {
    /** How members are found. */
    public enum Method {
        /** A tree over the ring. */
        MAPREDUCE,
        /** From each member to its first neighbour clockwise. */
        SEQUENTIAL
    }

    /** What members answer. */
    public enum By {
        /** Their neighbour lists, which are compared at the end. */
        LISTS,
        /** Two numbers: they compare with their neighbours themselves. */
        LOCAL
    }

    /** Checks the range, and keeps its own copy of the set. */
    public CrawlOptions {
        if (timeoutNanos < TaskOptions.TIMEOUT_MIN_NANOS || timeoutNanos > TaskOptions.TIMEOUT_MAX_NANOS) {
            throw new IllegalArgumentException("a crawl takes 0.1 s to 10 minutes");
        }
        known = Collections.unmodifiableSortedSet(new TreeSet<>(known));
    }

    /** A tree, neighbour lists, what is there in time. */
    public static CrawlOptions usual(long timeoutNanos) {
        return new CrawlOptions(Method.MAPREDUCE, By.LISTS, false, false, false, timeoutNanos, new TreeSet<>());
    }

    /** The same by another method. */
    public CrawlOptions with(Method newMethod, By newBy) {
        return new CrawlOptions(newMethod, newBy, waiting, bothWays, pruned, timeoutNanos, known);
    }

    /** The same, waiting for slow members, or not. */
    public CrawlOptions waiting(boolean newWaiting) {
        return new CrawlOptions(method, by, newWaiting, bothWays, pruned, timeoutNanos, known);
    }

    /** The same from both sides. */
    public CrawlOptions bothWays(boolean both) {
        return new CrawlOptions(method, by, waiting, both, pruned, timeoutNanos, known);
    }

    /** The same, leaving out on the way who agrees. */
    public CrawlOptions pruned(boolean newPruned) {
        return new CrawlOptions(method, by, waiting, bothWays, newPruned, timeoutNanos, known);
    }

    /** The same, compared with who should be there. */
    public CrawlOptions known(SortedSet<OverlayId> members) {
        return new CrawlOptions(method, by, waiting, bothWays, pruned, timeoutNanos, members);
    }
}

package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.List;

/**
 * What an answer is about: how many members are in it, which parts of the ring are not, and what it cost. Immutable.
 *
 * @param members whose maps are in the answer
 * @param gaps parts of the ring of which nothing is known; disjoint but for two trees over the same ring
 * @param messages requests and replies between members
 * @param bytes their bodies
 * @param depth links between the source and the member farthest down the tree
 * @param mapMicros the time of all maps together, microseconds
 * @param routingMicros what members waited for others after their own map, all together, microseconds
 * @param slowest those whose maps took longest, slowest first, at most {@link #SLOWEST_MAX}
 */
public record Coverage(
        int members,
        List<Gap> gaps,
        long messages,
        long bytes,
        int depth,
        long mapMicros,
        long routingMicros,
        List<Time> slowest) {
    /** Members whose times are told. */
    public static final int SLOWEST_MAX = 8;

    /**
     * What one member took, microseconds.
     *
     * @param member who
     * @param mapMicros its own map
     * @param routingMicros from then on until its children had answered
     */
    public record Time(OverlayId member, long mapMicros, long routingMicros) {}

    /** Keeps its own copies of the lists. */
    public Coverage {
        gaps = List.copyOf(gaps);
        slowest = List.copyOf(slowest);
    }

    /** True if nothing is missing. */
    public boolean isComplete() {
        return gaps.isEmpty();
    }
}

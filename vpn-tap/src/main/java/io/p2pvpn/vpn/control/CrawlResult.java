package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn crawl}.
 *
 * @param method {@code mapreduce} or {@code sequential}
 * @param by {@code lists} or {@code local}
 * @param namespace in whose ring, null for the public ring
 * @param nodes how many members answered
 * @param consistency the share of the checks that passed: (sum of left1 + sum of left2) / 2N
 * @param left1Consistency the share of the members whose first neighbour clockwise names them back
 * @param left2Consistency the same of the second neighbour
 * @param durationMillis how long it took
 * @param messages requests and replies between members
 * @param bytes their bodies
 * @param depth links between this node and the farthest in the tree
 * @param mapMillisMax the longest that a member needed for its own answer
 * @param complete whether nothing is missing from the answer
 * @param lagging members that did not answer, or not in time
 * @param gaps parts of the ring that the answer says nothing about
 * @param missing members that should be there, by what this node knows from elsewhere, and did not answer
 * @param inconsistencies checks that failed
 * @param findings why links are missing, if that was asked for
 * @param ring what members said of their places; empty by {@code local}
 */
public record CrawlResult(
        String method,
        String by,
        @Nullable String namespace,
        int nodes,
        double consistency,
        double left1Consistency,
        double left2Consistency,
        double durationMillis,
        long messages,
        long bytes,
        int depth,
        double mapMillisMax,
        boolean complete,
        List<String> lagging,
        List<GapEntry> gaps,
        List<String> missing,
        List<InconsistencyEntry> inconsistencies,
        List<FindingEntry> findings,
        List<RingEntry> ring) {
    /**
     * A part of the ring.
     *
     * @param from the position before it
     * @param to its last position
     * @param reason why nothing is known, in words
     * @param member who did not do its part; null if nobody in particular
     */
    public record GapEntry(
            String from, String to, String reason, @Nullable String member) {}

    /**
     * A check that failed.
     *
     * @param node who names {@code expected} on its clockwise side
     * @param expected who should name {@code node} back; null if {@code node} names nobody
     * @param found whom that one names instead; null if nobody, or if it was not heard
     * @param side {@code left1} for first neighbours, {@code left2} for second ones
     */
    public record InconsistencyEntry(
            String node,
            @Nullable String expected,
            @Nullable String found,
            String side) {}

    /**
     * Why a link is missing.
     *
     * @param cause {@code crash}, {@code stale}, {@code handshake}, {@code nat}, {@code unheard}, {@code unsettled}
     * @param node whom it is about
     * @param other the other end
     * @param text for people
     */
    public record FindingEntry(String cause, String node, String other, String text) {}

    /**
     * A member.
     *
     * @param id its position
     * @param name what it calls itself, empty in the public ring
     * @param successors linked neighbours clockwise, nearest first
     * @param predecessors linked neighbours counter-clockwise, nearest first
     * @param far links across the ring
     * @param chota links for traffic
     * @param relayed those of all these whose traffic goes through a relay
     */
    public record RingEntry(
            String id,
            String name,
            List<String> successors,
            List<String> predecessors,
            List<String> far,
            List<String> chota,
            List<String> relayed) {}
}

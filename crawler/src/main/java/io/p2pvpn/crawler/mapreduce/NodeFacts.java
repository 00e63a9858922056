package io.p2pvpn.crawler.mapreduce;

import org.jspecify.annotations.Nullable;

/** What a node says of itself when a member of one of its rings asks. Called on the node's loop. */
public interface NodeFacts {
    /** Says nothing. */
    NodeFacts NONE = new NodeFacts() {};

    /** What it calls itself in that ring, empty if nothing. */
    default String name(TaskRing ring) {
        return "";
    }

    /**
     * One word about it, for example its version.
     *
     * @param fact which: {@code version}, {@code nat}, {@code log-level}
     * @return null if it does not know or say that
     */
    default @Nullable String word(TaskRing ring, String fact) {
        return null;
    }

    /**
     * One number about it.
     *
     * @param fact which: {@code uptime-seconds}; {@code rtt-millis} and {@code links} are known without asking
     * @return not a number if it does not know or say that
     */
    default double number(TaskRing ring, String fact) {
        return Double.NaN;
    }
}

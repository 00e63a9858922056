package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Asks for a look at all members of a ring. What is left out is as in the command.
 *
 * @param namespace in whose ring; null for the only one that the node is in, or the public ring if there is none
 * @param publicRing the public ring instead
 * @param method {@code mapreduce} (also if null) or {@code sequential}
 * @param by {@code lists} (also if null) or {@code local}
 * @param lagging {@code partial} (also if null) or {@code wait}
 * @param bothWays whether the tree goes out from both sides
 * @param pruned whether members that agree are left out on the way and only counted
 * @param timeoutMillis the whole time, 100 to 600,000; 0 for {@link #USUAL_MILLIS}
 * @param why whether to look into what does not agree, after a pause
 */
public record CrawlRequest(
        @Nullable String namespace,
        boolean publicRing,
        @Nullable String method,
        @Nullable String by,
        @Nullable String lagging,
        boolean bothWays,
        boolean pruned,
        long timeoutMillis,
        boolean why) {
    /** The time when nobody says. */
    public static final long USUAL_MILLIS = 20_000;
    /** The shortest time. */
    public static final long MIN_MILLIS = 100;
    /** The longest time. */
    public static final long MAX_MILLIS = 600_000;
}

package io.p2pvpn.overlay.session;

/**
 * How many frames of one session may cross a ring: others carry them, so it is enough for first packets, not for bulk.
 * Confined to the node's loop.
 */
final class RingBudget {
    /** Packets of one session that cross a ring in a second. */
    static final int FRAMES_PER_SECOND_MAX = 64;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private long secondNanos;
    private int used;

    /** Counts {@code frames}; false if that is too many. */
    boolean tryTake(int frames, long nowNanos) {
        if (nowNanos - secondNanos >= SECOND_NANOS) {
            secondNanos = nowNanos;
            used = 0;
        }
        used += frames;
        return used <= FRAMES_PER_SECOND_MAX;
    }
}

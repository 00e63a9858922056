package io.p2pvpn.overlay.stream;

/**
 * How far a peer may go, and when it is told of more: when half of it is used up. Whoever uses that up within two round
 * trips is held up by it, and gets twice as much, within bounds.
 */
final class ReceiveWindow {
    private static final int ROUND_TRIPS = 2;

    /** Decides whether a node has so many bytes more to give. */
    interface Budget {
        /** Takes them if they are there. */
        boolean tryTake(long bytes);

        /** They are not needed any more. */
        void giveBack(long bytes);
    }

    private final int bytesMax;
    private final Budget budget;
    private long bytes;
    private long grownBytes;
    private long consumed;
    private long told;
    private long toldNanos;

    ReceiveWindow(long firstBytes, int bytesMax, Budget budget, long nowNanos) {
        this.bytes = firstBytes;
        this.bytesMax = bytesMax;
        this.budget = budget;
        this.told = firstBytes;
        this.toldNanos = nowNanos;
    }

    /** How far the peer may go. */
    long limit() {
        return told;
    }

    /** It is not needed any more. */
    void release() {
        budget.giveBack(grownBytes);
        grownBytes = 0;
    }

    /** So much more was read; true if the peer should be told of a new limit. */
    boolean onConsumed(long more) {
        consumed += more;
        return told - consumed < bytes / 2;
    }

    /** The limit to tell from now on. */
    long advance(long nowNanos, long rttNanos) {
        if (nowNanos - toldNanos < ROUND_TRIPS * rttNanos && bytes * 2 <= bytesMax && budget.tryTake(bytes)) {
            grownBytes += bytes;
            bytes *= 2;
        }
        toldNanos = nowNanos;
        told = Math.max(told, consumed + bytes);
        return told;
    }
}

package io.p2pvpn.overlay.session;

/** So many events at once, and then one per so much time. Confined to the node's loop. */
final class Allowance {
    private final int most;
    private final long earnedNanos;
    private int left;
    private long sinceNanos;

    Allowance(int most, long earnedNanos, long nowNanos) {
        this.most = most;
        this.earnedNanos = earnedNanos;
        this.left = most;
        this.sinceNanos = nowNanos;
    }

    /** Whether one more may happen; counts it if so. */
    boolean tryTake(long nowNanos) {
        long earned = (nowNanos - sinceNanos) / earnedNanos;
        left = (int) Math.min(most, left + earned);
        sinceNanos += earned * earnedNanos;
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}

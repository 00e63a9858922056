package io.p2pvpn.overlay.stream;

/**
 * Spreads what the window allows over the round trip (RFC 9002, section 7.7): a bucket that fills a little quicker than
 * the window is used, and holds what goes in {@value #BURST_NANOS} ns, so that a quick path has large batches and few
 * timers.
 */
final class Pacer {
    static final long BURST_NANOS = 2_000_000L;
    private static final int BURST_PACKETS = 10;
    private static final double GAIN = 1.25;
    private static final double START_GAIN = 2;

    private double bytesPerNano;
    private double tokens;
    private double burst;
    private long lastNanos;

    /** The window, or the round trip, is another than before. */
    void update(long windowBytes, long rttNanos, boolean slowStart, int packetBytes, long nowNanos) {
        fill(nowNanos);
        bytesPerNano = (slowStart ? START_GAIN : GAIN) * windowBytes / Math.max(1, rttNanos);
        burst = Math.max(BURST_PACKETS * packetBytes, bytesPerNano * BURST_NANOS);
    }

    private void fill(long nowNanos) {
        tokens = Math.min(burst, tokens + (nowNanos - lastNanos) * bytesPerNano);
        lastNanos = nowNanos;
    }

    /** True if a packet may leave now. */
    boolean maySend(long nowNanos) {
        if (nowNanos != lastNanos) {
            fill(nowNanos);
        }
        return tokens > 0;
    }

    void onSent(int bytes) {
        tokens -= bytes;
    }

    /** When enough may leave for that to be worth a timer. */
    long nextNanos(long nowNanos) {
        double wanted = burst / 4 - tokens;
        return nowNanos + Math.max(RttEstimator.GRANULARITY_NANOS / 4, (long) (wanted / bytesPerNano));
    }
}

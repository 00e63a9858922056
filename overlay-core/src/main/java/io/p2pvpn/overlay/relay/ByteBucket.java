package io.p2pvpn.overlay.relay;

/** Bytes that may be forwarded: a token bucket, full at first. Confined to the node's loop. */
final class ByteBucket {
    private static final long SECOND_NANOS = 1_000_000_000L;
    /** The bucket holds what comes in a quarter of a second ... */
    private static final int BURSTS_PER_SECOND = 4;
    /** ... and at least two of the largest batches, or slow ones would forward none. */
    static final long BURST_BYTES_MIN = 131_072;

    private final long bytesPerSecond;
    private final long burstBytes;
    private long bytes;
    private long sinceNanos;

    ByteBucket(long bytesPerSecond, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.burstBytes = Math.max(BURST_BYTES_MIN, bytesPerSecond / BURSTS_PER_SECOND);
        this.bytes = burstBytes;
        this.sinceNanos = nowNanos;
    }

    /** Bytes that may go now. */
    long available(long nowNanos) {
        long elapsed = nowNanos - sinceNanos;
        if (elapsed >= SECOND_NANOS) {
            bytes = Math.min(burstBytes, bytes + bytesPerSecond);
            sinceNanos = nowNanos;
        } else if (elapsed > 0 && bytesPerSecond > 0) {
            long earned = elapsed * bytesPerSecond / SECOND_NANOS;
            bytes = Math.min(burstBytes, bytes + earned);
            // What is less than a byte is not lost.
            sinceNanos += earned * SECOND_NANOS / bytesPerSecond;
        }
        return bytes;
    }

    /** So many went. */
    void spend(long spent) {
        bytes -= spent;
    }
}

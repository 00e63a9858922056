package io.p2pvpn.overlay.runtime;

/** Bytes that may be sent or taken: a token bucket, full at first. Confined to the node's loop. */
public final class ByteBucket {
    private static final long SECOND_NANOS = 1_000_000_000L;
    /** The bucket holds what comes in a quarter of a second ... */
    private static final int BURSTS_PER_SECOND = 4;
    /** ... and at least two of the largest batches, or slow ones would forward none. */
    private static final long BURST_BYTES_MIN = 131_072;

    private final long bytesPerSecond;
    private final long burstBytes;
    private long bytes;
    private long sinceNanos;

    /**
     * For frames: a quarter of a second's bytes at once, and at least {@value #BURST_BYTES_MIN}.
     *
     * @param bytesPerSecond what flows in, 0 or more
     * @param nowNanos the clock's time
     */
    public ByteBucket(long bytesPerSecond, long nowNanos) {
        this(bytesPerSecond, Math.max(BURST_BYTES_MIN, bytesPerSecond / BURSTS_PER_SECOND), nowNanos);
    }

    /**
     * Any other.
     *
     * @param bytesPerSecond what flows in, 0 or more
     * @param burstBytes what it holds
     * @param nowNanos the clock's time
     */
    public ByteBucket(long bytesPerSecond, long burstBytes, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.burstBytes = burstBytes;
        this.bytes = burstBytes;
        this.sinceNanos = nowNanos;
    }

    /** Bytes that may go now. */
    public long available(long nowNanos) {
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
    public void spend(long spent) {
        bytes -= spent;
    }
}

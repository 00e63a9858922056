package io.p2pvpn.overlay.stream;

/**
 * How many bytes may be under way: CUBIC (RFC 9438) with its Reno-friendly region and fast convergence, counted in
 * bytes, beginning with slow start and HyStart++ (RFC 9406).
 */
final class Cubic {
    /** More is never under way. */
    static final long WINDOW_BYTES_MAX = 16L << 20;

    private static final double C = 0.4;
    private static final double BETA = 0.7;
    private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);
    private static final double NANOS = 1e9;
    private static final int FIRST_PACKETS = 10;
    private static final int FIRST_BYTES = 14_720;
    private static final int LEAST_PACKETS = 2;

    private final HyStart start = new HyStart();
    private int packetBytes;
    private double window;
    private double threshold;
    private double before;
    private double most;
    private double friendly;
    private double k;
    private boolean epoch;
    private long epochNanos;
    private long lastAckNanos;

    Cubic(int packetBytes) {
        reset(packetBytes);
    }

    /** Another path: what was learned of the last one is void (RFC 9000, section 9.4). */
    final void reset(int bytes) {
        packetBytes = bytes;
        // RFC 9002, section 7.2.
        window = Math.min(FIRST_PACKETS * bytes, Math.max(LEAST_PACKETS * bytes, FIRST_BYTES));
        threshold = Double.MAX_VALUE;
        most = 0;
        epoch = false;
        start.reset();
    }

    /** Packets are of this size from now on. */
    void setPacketBytes(int bytes) {
        packetBytes = bytes;
    }

    /** Bytes that may be under way. */
    long windowBytes() {
        return (long) window;
    }

    boolean isSlowStart() {
        return window < threshold;
    }

    /** A round trip was measured; {@code round} says that packets of a new round are acknowledged now. */
    void onRtt(long rttNanos, boolean round) {
        if (isSlowStart() && start.onRtt(rttNanos, round)) {
            threshold = window;
        }
    }

    /**
     * Bytes have arrived that were not sent before the last congestion.
     *
     * @param limited whether the window was what held the sender up
     */
    void onAcked(long bytes, boolean limited, long rttNanos, long nowNanos) {
        long sinceNanos = nowNanos - lastAckNanos;
        lastAckNanos = nowNanos;
        if (!limited) {
            // RFC 9438, section 5.8: time in which there was nothing to send does not count.
            epochNanos += epoch ? sinceNanos : 0;
            return;
        }
        if (isSlowStart()) {
            window += start.isCautious() ? bytes / (double) HyStart.CAUTION : bytes;
        } else {
            avoid(bytes, rttNanos, nowNanos);
        }
        window = Math.min(window, WINDOW_BYTES_MAX);
    }

    private void avoid(long bytes, long rttNanos, long nowNanos) {
        if (!epoch) {
            epoch = true;
            epochNanos = nowNanos;
            friendly = window;
            before = Math.max(before, window);
            most = Math.max(most, window);
            k = StrictMath.cbrt((most - window) / packetBytes / C);
        }
        double seconds = (nowNanos - epochNanos) / NANOS;
        double target = cubic(seconds + rttNanos / NANOS);
        target = Math.min(Math.max(target, window), 1.5 * window);
        friendly += (friendly < before ? ALPHA : 1) * bytes * packetBytes / window;
        if (cubic(seconds) < friendly) {
            window = Math.max(window, friendly);
        } else {
            window += (target - window) / window * bytes;
        }
    }

    private double cubic(double seconds) {
        double t = seconds - k;
        return C * t * t * t * packetBytes + most;
    }

    /** Packets were lost, at least one of which was sent after the last congestion. */
    void onCongestion() {
        before = window;
        most = window < most ? window * (1 + BETA) / 2 : window;
        threshold = Math.max(window * BETA, LEAST_PACKETS * packetBytes);
        window = threshold;
        epoch = false;
    }

    /** Nothing arrived for long (RFC 9002, section 7.6). */
    void onPersistentCongestion() {
        window = LEAST_PACKETS * packetBytes;
        epoch = false;
    }
}

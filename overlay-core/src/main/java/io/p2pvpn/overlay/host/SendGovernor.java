package io.p2pvpn.overlay.host;

/**
 * Decides how many bytes may wait for a network interface, in the socket and in front of it: as many as the interface
 * sends in 5 ms. All that waits there is in one line, and whatever comes next waits behind it, so a slow interface must
 * not have as much as a quick one needs.
 *
 * <p>The rate is measured while the socket is full: from one refusal to a later one the kernel took exactly what the
 * interface sent. If the socket runs dry although something was waiting for it, the loop was late, and for a while more
 * may wait. Before the first refusal, and after some time without, nothing is known and {@link #BYTES_AT_FIRST} may
 * wait.
 *
 * <p>Costs nothing as long as no socket refuses anything. Confined to the loop.
 */
final class SendGovernor {
    /** What waits at the rate measured. */
    static final long WAIT_NANOS = 5_000_000;
    /** One of the largest batches in the socket, one on its way there. */
    static final int BYTES_MIN = 128 << 10;
    /** The least size of the pieces that batches are cut into: some of them fit the socket. */
    static final int PIECE_BYTES_MIN = BYTES_MIN / 8;
    /** 4 ms at 1 Gbit/s, 40 ms at 100 Mbit/s, for the moment. */
    static final int BYTES_AT_FIRST = 512 << 10;
    /** Half of it in the socket. */
    static final int BYTES_MAX = 4 << 20;
    /** So long after the last refusal all is forgotten. */
    static final long CALM_NANOS = 10_000_000_000L;

    /** Refusals come by whole batches: fewer bytes make no rate. */
    private static final int SAMPLE_BYTES_MIN = 256 << 10;
    /** Interfaces send in bursts. */
    private static final long SAMPLE_NANOS_MIN = 4_000_000;
    /** A limit that differs by less is left as it is. */
    private static final double STEP = 1.5;
    /** A sample may be off by a batch of four. */
    private static final double SHARE_OF_SAMPLE = 0.25;
    /** What a loop that was late may have more: a busy machine must not bring the delay back. */
    private static final double ALLOWANCE_MAX = 4;

    private static final double ALLOWANCE_STEP = 1.5;
    /** What one sample leaves of it. */
    private static final double ALLOWANCE_KEPT = 0.95;

    private int limitBytes = BYTES_AT_FIRST;
    private double bytesPerNano;
    private double allowance = 1;
    private boolean watching;
    private boolean sampling;
    private long sampleNanos;
    private long sampleBytes;
    private long refusedNanos;

    /** How many bytes may wait. */
    int limitBytes() {
        return limitBytes;
    }

    /** How many bytes should go to the kernel in one message. */
    int pieceBytes() {
        return Math.max(PIECE_BYTES_MIN, limitBytes / 8);
    }

    /** Whether the socket refused something not long ago: only then {@link #onFlush} is of any use. */
    boolean isWatching() {
        return watching;
    }

    /**
     * The socket takes no more.
     *
     * @param takenBytes what it has taken since it was made
     */
    void onRefused(long nowNanos, long takenBytes) {
        watching = true;
        refusedNanos = nowNanos;
        long bytes = takenBytes - sampleBytes;
        long nanos = nowNanos - sampleNanos;
        if (!sampling) {
            sampling = true;
        } else if (bytes < SAMPLE_BYTES_MIN || nanos < SAMPLE_NANOS_MIN) {
            return;
        } else {
            onSample((double) bytes / nanos);
        }
        sampleNanos = nowNanos;
        sampleBytes = takenBytes;
    }

    /**
     * Something is about to be given to the socket.
     *
     * @param takenBytes what the socket has taken since it was made
     * @param dry whether all that it took has been sent
     * @param late whether something has been waiting for the socket since it last refused
     */
    void onFlush(long nowNanos, long takenBytes, boolean dry, boolean late) {
        if (nowNanos - refusedNanos > CALM_NANOS) {
            watching = false;
            sampling = false;
            bytesPerNano = 0;
            allowance = 1;
            limitBytes = BYTES_AT_FIRST;
        } else if (dry) {
            if (sampling) {
                onLeast(nowNanos - sampleNanos, takenBytes - sampleBytes);
            }
            sampling = false;
            if (late) {
                allowance = Math.min(ALLOWANCE_MAX, allowance * ALLOWANCE_STEP);
            }
            limit();
        }
    }

    /** The interface has sent so much in less time: it may have become quicker than can be measured with this limit. */
    private void onLeast(long nanos, long bytes) {
        double rate = (double) bytes / Math.max(1, nanos);
        if (bytesPerNano > 0 && bytes >= BYTES_MIN / 2 && rate > bytesPerNano) {
            bytesPerNano += (rate - bytesPerNano) * SHARE_OF_SAMPLE;
        }
    }

    private void onSample(double rate) {
        bytesPerNano = bytesPerNano == 0 ? rate : bytesPerNano + (rate - bytesPerNano) * SHARE_OF_SAMPLE;
        allowance = Math.max(1, allowance * ALLOWANCE_KEPT);
        limit();
    }

    private void limit() {
        double known = bytesPerNano == 0 ? BYTES_AT_FIRST : bytesPerNano * WAIT_NANOS;
        double wanted = Math.min(BYTES_MAX, Math.max(BYTES_MIN, known * allowance));
        boolean atAnEnd = wanted == BYTES_MIN || wanted == BYTES_MAX;
        if (atAnEnd || wanted > limitBytes * STEP || wanted * STEP < limitBytes) {
            limitBytes = (int) wanted;
        }
    }
}

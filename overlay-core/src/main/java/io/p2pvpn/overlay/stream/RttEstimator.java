package io.p2pvpn.overlay.stream;

/** Round trips, as RFC 9002, section 5, reckons them. */
final class RttEstimator {
    /** Before anything is known (section 6.2.2). */
    static final long FIRST_NANOS = 333_000_000L;
    /** Timers are no finer (kGranularity). */
    static final long GRANULARITY_NANOS = 1_000_000L;

    private long latest;
    private long smoothed;
    private long variation;
    private long least;
    private boolean known;

    RttEstimator(long guessNanos) {
        reset(guessNanos);
    }

    /** Knows nothing but a guess, less than 0 for none. */
    final void reset(long guessNanos) {
        known = false;
        smoothed = guessNanos < 0 ? FIRST_NANOS : Math.max(GRANULARITY_NANOS, guessNanos);
        variation = smoothed / 2;
        latest = smoothed;
        least = 0;
    }

    /**
     * A packet was acknowledged.
     *
     * @param sampleNanos since it was sent
     * @param delayNanos how long its acknowledgement was held back
     */
    void onSample(long sampleNanos, long delayNanos) {
        latest = Math.max(1, sampleNanos);
        if (!known) {
            known = true;
            least = latest;
            smoothed = latest;
            variation = latest / 2;
            return;
        }
        least = Math.min(least, latest);
        long held = Math.min(delayNanos, StreamLimits.ACK_DELAY_NANOS);
        long adjusted = latest >= least + held ? latest - held : latest;
        variation = (3 * variation + Math.abs(smoothed - adjusted)) / 4;
        smoothed = (7 * smoothed + adjusted) / 8;
    }

    boolean isKnown() {
        return known;
    }

    long smoothedNanos() {
        return smoothed;
    }

    long latestNanos() {
        return latest;
    }

    /** How long to wait for an acknowledgement, the first time (section 6.2.1). */
    long probeNanos() {
        return smoothed + Math.max(4 * variation, GRANULARITY_NANOS) + StreamLimits.ACK_DELAY_NANOS;
    }

    /** How late a packet may be that was sent before one that came (section 6.1.2). */
    long lossNanos() {
        return Math.max(Math.max(smoothed, latest) * 9 / 8, GRANULARITY_NANOS);
    }
}

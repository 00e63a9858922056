package io.p2pvpn.overlay.stream;

/** Ends slow start when round trips become longer, before the queue on the way is full: HyStart++ (RFC 9406). */
final class HyStart {
    /** By what slow start is divided while it is in doubt (CSS_GROWTH_DIVISOR). */
    static final int CAUTION = 4;

    private static final long LEAST_NANOS = 4_000_000L;
    private static final long MOST_NANOS = 16_000_000L;
    private static final int DIVISOR = 8;
    private static final int SAMPLES_MIN = 8;
    private static final int CAUTIOUS_ROUNDS = 5;

    private long lastRound;
    private long thisRound;
    private long baseline;
    private int samples;
    private boolean cautious;
    private int cautiousRounds;

    void reset() {
        lastRound = Long.MAX_VALUE;
        thisRound = Long.MAX_VALUE;
        baseline = Long.MAX_VALUE;
        samples = 0;
        cautious = false;
        cautiousRounds = 0;
    }

    boolean isCautious() {
        return cautious;
    }

    /** A round trip was measured, the first of a round or not; true if slow start is over. */
    boolean onRtt(long rttNanos, boolean round) {
        if (round) {
            lastRound = thisRound;
            thisRound = Long.MAX_VALUE;
            samples = 0;
            if (cautious && ++cautiousRounds >= CAUTIOUS_ROUNDS) {
                return true;
            }
        }
        thisRound = Math.min(thisRound, rttNanos);
        samples++;
        if (samples < SAMPLES_MIN || lastRound == Long.MAX_VALUE) {
            return false;
        }
        if (cautious) {
            if (thisRound < baseline) {
                cautious = false;
                baseline = Long.MAX_VALUE;
            }
        } else if (thisRound >= lastRound + Math.max(LEAST_NANOS, Math.min(lastRound / DIVISOR, MOST_NANOS))) {
            cautious = true;
            cautiousRounds = 0;
            baseline = thisRound;
        }
        return false;
    }
}

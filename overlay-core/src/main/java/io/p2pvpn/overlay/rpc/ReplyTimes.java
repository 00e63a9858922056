package io.p2pvpn.overlay.rpc;

/**
 * How long replies take, and so how long it is worth waiting before a request is sent again: the smoothed time and four
 * times its smoothed deviation (RFC 6298, section 2). Which of several tries was answered cannot be told, so the time
 * counts from the first one: rather too long than too short, and bounded. Belongs to one thread.
 */
final class ReplyTimes {
    /** Nobody waits longer than this before the second try. */
    static final long PATIENCE_MAX_NANOS = 1_500_000_000L;

    private static final double GAIN = 1 / 8.0;
    private static final double DEVIATION_GAIN = 1 / 4.0;
    private static final int DEVIATIONS = 4;

    private double smoothedNanos;
    private double deviationNanos;
    private boolean known;

    /** A reply came so long after its request was sent first. */
    void onReply(long nanos) {
        double sample = Math.min(nanos, PATIENCE_MAX_NANOS);
        if (!known) {
            known = true;
            smoothedNanos = sample;
            deviationNanos = sample / 2;
        } else {
            deviationNanos += DEVIATION_GAIN * (Math.abs(sample - smoothedNanos) - deviationNanos);
            smoothedNanos += GAIN * (sample - smoothedNanos);
        }
    }

    /** How long to wait; 0 before the first reply. */
    long patienceNanos() {
        return (long) Math.min(PATIENCE_MAX_NANOS, smoothedNanos + DEVIATIONS * deviationNanos);
    }
}

package io.p2pvpn.nat.portmap;

/** Notices from a gateway's "seconds since start" that it has restarted: RFC 6887 section 8.5, RFC 6886 section 3.6. */
final class EpochWatch {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** A sixteenth of drift between the clocks is allowed, and two seconds of delay. */
    private static final int DRIFT_DIVISOR = 16;

    private static final long DELAY_SECONDS = 2;

    private boolean known;
    private long lastEpochSeconds;
    private long lastNanos;

    /** Takes the epoch of an answer; true if the gateway has lost what it knew since the last one. */
    boolean onEpoch(long epochSeconds, long nowNanos) {
        boolean restarted = known && !isPlausible(epochSeconds, nowNanos);
        known = true;
        lastEpochSeconds = epochSeconds;
        lastNanos = nowNanos;
        return restarted;
    }

    private boolean isPlausible(long epochSeconds, long nowNanos) {
        long server = epochSeconds - lastEpochSeconds;
        long client = (nowNanos - lastNanos) / NANOS_PER_SECOND;
        return server >= -1
                && client + DELAY_SECONDS >= server - server / DRIFT_DIVISOR
                && server + DELAY_SECONDS >= client - client / DRIFT_DIVISOR;
    }
}

package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.path.Path;

/** What a relayed path costs, as a time: its round trip, and a charge for what gets lost on it. Pure. */
final class RelayCost {
    /** One lost probe says nothing; two of the last few are a sign. */
    static final double LOSS_MIN = 0.12;
    /** What it costs if all is lost; half of it for half. */
    static final long LOSS_NANOS = 1_000_000_000L;
    /** A path in doubt costs so much more. */
    static final long SUSPECT_NANOS = 2_000_000_000L;
    /** Another path must cost less by this part ... */
    static final double GAIN_MIN = 0.05;
    /** ... and by this much. */
    static final long GAIN_MIN_NANOS = 1_000_000L;

    private RelayCost() {}

    /** The cost of a measured path, nanoseconds. */
    static long of(Path path) {
        long rtt = path.lowRttNanos() < 0 ? RelayChoice.RTT_UNKNOWN_NANOS : path.lowRttNanos();
        long loss = path.lossRatio() < LOSS_MIN ? 0 : (long) (path.lossRatio() * LOSS_NANOS);
        return rtt + loss + (path.isSuspect() ? SUSPECT_NANOS : 0);
    }

    /** True if a way of cost {@code challengerNanos} is worth a change from one of {@code holderNanos}. */
    static boolean isWorth(long challengerNanos, long holderNanos) {
        long gain = holderNanos - challengerNanos;
        return gain > GAIN_MIN_NANOS && gain > GAIN_MIN * holderNanos;
    }
}

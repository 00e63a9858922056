package io.p2pvpn.simulator.scenario;

/**
 * What the hosts are like.
 *
 * @param modelled whether sessions have {@link io.p2pvpn.simulator.ModelCrypto} instead of the true one
 * @param traversing whether nodes find out about NAT boxes, and how often those need a packet, as daemons do
 * @param clockSkewMillis by how much a wall clock is wrong at most, either way; each host draws
 * @param uplinkBytesPerSecond how fast a host sends at most; 0 for no limit
 */
public record Hosts(boolean modelled, boolean traversing, long clockSkewMillis, long uplinkBytesPerSecond) {
    /** Right clocks, true crypto, no limit. */
    public static final Hosts USUAL = new Hosts(false, false, 0, 0);

    /** The most that a clock can be wrong: a day. */
    public static final long CLOCK_SKEW_MAX_MILLIS = 86_400_000L;

    /** The slowest uplink that can be chosen. */
    public static final long UPLINK_MIN_BYTES_PER_SECOND = 1_000;

    /** Checks the ranges. */
    public Hosts {
        if (clockSkewMillis < 0 || clockSkewMillis > CLOCK_SKEW_MAX_MILLIS) {
            throw new IllegalArgumentException("must be from 0 to a day");
        }
        if (uplinkBytesPerSecond != 0 && uplinkBytesPerSecond < UPLINK_MIN_BYTES_PER_SECOND) {
            throw new IllegalArgumentException("must be 0 (no limit) or at least " + UPLINK_MIN_BYTES_PER_SECOND);
        }
    }

    /** The same with modelled crypto, or with the true one. */
    public Hosts withModelled(boolean newModelled) {
        return new Hosts(newModelled, traversing, clockSkewMillis, uplinkBytesPerSecond);
    }

    /** The same with nodes that find out about boxes, or do not. */
    public Hosts withTraversing(boolean newTraversing) {
        return new Hosts(modelled, newTraversing, clockSkewMillis, uplinkBytesPerSecond);
    }

    /** The same with clocks that are wrong by up to that much. */
    public Hosts withClockSkew(long millis) {
        return new Hosts(modelled, traversing, millis, uplinkBytesPerSecond);
    }

    /** The same with such uplinks. */
    public Hosts withUplink(long bytesPerSecond) {
        return new Hosts(modelled, traversing, clockSkewMillis, bytesPerSecond);
    }
}

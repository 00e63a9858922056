package io.p2pvpn.nat.punch;

/**
 * What looking for unknown ports may cost. Boxes on the way remember every packet for half a minute; some are small.
 *
 * @param packetsPerSecond of the node, for all pairs together; 0 turns it off
 * @param sockets opened at a time, for one pair
 * @param probes sent to one pair's unknown ports in one attempt
 * @param backoffMaxNanos the longest pause between two attempts for one pair
 */
public record PunchBudget(int packetsPerSecond, int sockets, int probes, long backoffMaxNanos) {
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    /** 256 ports among 64,512 are found by 2,000 probes in all but 0.04 % of cases, which takes 7 s. */
    public static final PunchBudget DEFAULT = new PunchBudget(300, 256, 2000, HOUR_NANOS);

    /** None. */
    public static final PunchBudget OFF = new PunchBudget(0, 0, 0, HOUR_NANOS);

    /** Checks the bounds. */
    public PunchBudget {
        if (packetsPerSecond < 0 || packetsPerSecond > 300 || sockets < 0 || sockets > 256 || probes < 0) {
            throw new IllegalArgumentException("beyond 300 packets/s, 256 sockets");
        }
    }

    /** With another rate, 0 to 300. */
    public PunchBudget withPacketsPerSecond(int rate) {
        return new PunchBudget(rate, sockets, probes, backoffMaxNanos);
    }
}

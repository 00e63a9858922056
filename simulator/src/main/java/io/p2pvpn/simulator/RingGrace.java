package io.p2pvpn.simulator;

/**
 * How long a ring under observation may lag behind what has happened; see {@link RingInvariants}.
 *
 * @param newsNanos from when a node has become a member until every member whose list it belongs in knows of it
 * @param linkNanos from when a member becomes somebody's first live neighbour until the two are linked: a handshake
 * @param detectionNanos from when one end of a session is gone until the other has noticed: a keepalive time-out
 */
public record RingGrace(long newsNanos, long linkNanos, long detectionNanos) {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** On a network that loses nothing and delivers within 100 ms. */
    public static final RingGrace PROMPT = new RingGrace(2 * SECOND_NANOS, 2 * SECOND_NANOS, 12 * SECOND_NANOS);

    /** On a network that loses some datagrams: a few repetitions more. */
    public static final RingGrace LOSSY = new RingGrace(8 * SECOND_NANOS, 8 * SECOND_NANOS, 15 * SECOND_NANOS);

    /** On a network some of whose ways take seconds. */
    public static final RingGrace WORLDWIDE = new RingGrace(15 * SECOND_NANOS, 15 * SECOND_NANOS, 30 * SECOND_NANOS);
}

package io.p2pvpn.simulator;

/**
 * How long a ring under observation may lag behind what has happened; see {@link RingInvariants}.
 *
 * @param newsNanos from when a node has become a member until every member whose list it belongs in knows of it
 * @param linkNanos from when a member becomes somebody's first live neighbour until the two are linked: a handshake
 * @param detectionNanos from when one end of a session is gone until the other has noticed: a keepalive time-out
 * @param mayHaveSurplus whether there may be gaps behind the fourth live entry of a list: while handshakes with some of
 *     the first four take their time, it reaches on to whatever else is linked
 */
public record RingGrace(long newsNanos, long linkNanos, long detectionNanos, boolean mayHaveSurplus) {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** On a network that loses nothing and delivers within 100 ms. */
    public static final RingGrace PROMPT = new RingGrace(2 * SECOND_NANOS, 2 * SECOND_NANOS, 12 * SECOND_NANOS, false);

    /** On a network that loses some datagrams: a few repetitions more. */
    public static final RingGrace LOSSY = new RingGrace(8 * SECOND_NANOS, 8 * SECOND_NANOS, 15 * SECOND_NANOS, false);

    /** On a network some of whose ways take seconds. */
    public static final RingGrace WORLDWIDE =
            new RingGrace(15 * SECOND_NANOS, 15 * SECOND_NANOS, 30 * SECOND_NANOS, true);
}

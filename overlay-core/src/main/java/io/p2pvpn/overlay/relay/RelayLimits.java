package io.p2pvpn.overlay.relay;

/**
 * What a node forwards for others. What comes in excess is dropped at once and counted; nothing waits.
 *
 * @param relaying whether it relays at all
 * @param bindingsMax pairs of nodes served at a time
 * @param bindingsPerPeerMax pairs served at a time on behalf of one node, the one that asked for them
 * @param bytesPerSecondMax frames forwarded in all, both directions together
 * @param bytesPerSecondPerPeerMax frames forwarded on behalf of one node
 */
public record RelayLimits(
        boolean relaying,
        int bindingsMax,
        int bindingsPerPeerMax,
        long bytesPerSecondMax,
        long bytesPerSecondPerPeerMax) {
    private static final long BYTES_PER_MEGABIT = 125_000;
    private static final int BINDINGS_MAX = 1024;
    private static final int BINDINGS_PER_PEER_MAX = 64;
    private static final int DEFAULT_MEGABITS = 200;

    /** Relays up to 200 Mbit/s in all, half of it for one node; 1024 pairs, 64 of them for one node. */
    public static final RelayLimits DEFAULT = ofMegabits(DEFAULT_MEGABITS);

    /** Relays nothing. */
    public static final RelayLimits DECLINED = new RelayLimits(false, 0, 0, 0, 0);

    /** Checks the ranges. */
    public RelayLimits {
        if (bindingsMax < 0 || bindingsPerPeerMax < 0 || bytesPerSecondMax < 0 || bytesPerSecondPerPeerMax < 0) {
            throw new IllegalArgumentException("a limit is negative");
        }
    }

    /** The defaults with that much traffic in all, in Mbit/s, 1 to 1,000,000; half of it for one node. */
    public static RelayLimits ofMegabits(int megabits) {
        if (megabits < 1 || megabits > 1_000_000) {
            throw new IllegalArgumentException("not between 1 and 1000000 Mbit/s: " + megabits);
        }
        long bytes = megabits * BYTES_PER_MEGABIT;
        return new RelayLimits(true, BINDINGS_MAX, BINDINGS_PER_PEER_MAX, bytes, bytes / 2);
    }
}

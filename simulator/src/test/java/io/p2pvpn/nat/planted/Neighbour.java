package io.p2pvpn.nat.planted;

/** Stands where dht code must not reach. */
public final class Neighbour {
    private Neighbour() {}

    /** Does nothing. */
    public static void greet() {}
}

package io.p2pvpn.shortcuts.far;

import io.p2pvpn.overlay.id.OverlayId;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * How many far links a member has, and where they lead: the harmonic distribution of Manku, Bawa and Raghavan,
 * "Symphony: Distributed Hashing in a Small World" (USITS 2003, section 3.1), which goes back to Kleinberg, with the
 * number of links that Brunet keeps. Pure functions.
 */
public final class FarTargets {
    /** Up to this many members, near links reach everybody in two hops. */
    public static final int SIZE_WITHOUT = 10;
    /** No ring has more members than 2 to this power, as far as far links are concerned. */
    public static final int SIZE_LOG2_MAX = 30;

    /** Fractions are exact multiples of 2 to the minus this. */
    private static final int FRACTION_BITS = 62;

    private FarTargets() {}

    /** ceil(log2(size) / 2), or none in a ring of up to {@link #SIZE_WITHOUT} members. */
    public static int count(int size) {
        return size <= SIZE_WITHOUT ? 0 : (int) StrictMath.ceil(log2(size) / 2);
    }

    /**
     * Draws a position: its distance d from {@code self}, as a share of the ring of {@code size} members, is
     * 2^(-(1 - p) log2 size) with p even in [0, 1), so that the density of d is proportional to 1/d between the mean
     * gap of two members and the whole ring; either side is as likely.
     */
    public static OverlayId draw(OverlayId self, int size, RandomGenerator random) {
        double share = StrictMath.pow(2, -(1 - random.nextDouble()) * log2(size));
        long bits = (long) StrictMath.scalb(share, FRACTION_BITS);
        byte[] distance = ByteBuffer.allocate(OverlayId.BYTES)
                .putLong(bits << (Long.SIZE - FRACTION_BITS))
                .array();
        return random.nextBoolean() ? self.plus(OverlayId.of(distance)) : self.minus(OverlayId.of(distance));
    }

    private static double log2(int size) {
        return Math.min(SIZE_LOG2_MAX, StrictMath.log(Math.max(2, size)) / StrictMath.log(2));
    }
}

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

    /** Half way between the fourth member on a side and the fifth. */
    private static final double NEAREST_GAPS = 4.5;

    private static final double HALF = 0.5;

    /** Fractions are exact multiples of 2 to the minus this. */
    private static final int FRACTION_BITS = 62;

    private FarTargets() {}

    /** ceil(log2(size) / 2), or none in a ring of up to {@link #SIZE_WITHOUT} members. */
    public static int count(int size) {
        return size <= SIZE_WITHOUT ? 0 : (int) StrictMath.ceil(log2(size) / 2);
    }

    /**
     * Draws a position on either side: the logarithm of its distance from {@code self} is even between that of the
     * nearest member that is no neighbour, {@value #NEAREST_GAPS} mean gaps away, and that of half the ring of
     * {@code size} members. So the density is proportional to 1 / distance, and no link is spent on where neighbours
     * reach.
     */
    public static OverlayId draw(OverlayId self, int size, RandomGenerator random) {
        double nearest = Math.min(HALF, NEAREST_GAPS / Math.max(1, size));
        double share = nearest * StrictMath.pow(HALF / nearest, random.nextDouble());
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

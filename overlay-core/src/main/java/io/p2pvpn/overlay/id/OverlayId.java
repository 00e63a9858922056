package io.p2pvpn.overlay.id;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A position on the ring: an unsigned integer of 160 bits, big-endian on the wire.
 *
 * <p>All arithmetic is modulo 2<sup>160</sup>. The natural order is that of the unsigned integers; it has no meaning on
 * the ring itself, where only arcs and distances do.
 */
public final class OverlayId implements Comparable<OverlayId> {

    /** Length of the encoding, in bytes. */
    public static final int BYTES = 20;

    /** The position zero. */
    public static final OverlayId ZERO = new OverlayId(0, 0, 0);

    private static final int HEX_CHARS = 2 * BYTES;
    private static final int SHORT_HEX_CHARS = 8;
    private static final int LIMBS = 5;
    private static final int DOUBLE_MANTISSA_BITS = 53;
    private static final long LOW_32_BITS = 0xffff_ffffL;
    private static final HexFormat HEX = HexFormat.of();

    /** Bits 159 to 96, 95 to 32 and 31 to 0. */
    private final long high;

    private final long middle;
    private final int low;

    private OverlayId(long high, long middle, int low) {
        this.high = high;
        this.middle = middle;
        this.low = low;
    }

    /**
     * The position encoded by exactly {@link #BYTES} bytes.
     *
     * @throws IllegalArgumentException if the array has another length
     */
    public static OverlayId of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("an overlay id has " + BYTES + " bytes, not " + bytes.length);
        }
        return of(bytes, 0);
    }

    /**
     * The position encoded by the {@link #BYTES} bytes from {@code offset} on.
     *
     * @throws IndexOutOfBoundsException if the array ends before them
     */
    public static OverlayId of(byte[] buffer, int offset) {
        Objects.checkFromIndexSize(offset, BYTES, buffer.length);
        ByteBuffer view = ByteBuffer.wrap(buffer);
        return new OverlayId(view.getLong(offset), view.getLong(offset + 8), view.getInt(offset + 16));
    }

    /**
     * The position made of the first 160 bits of a digest.
     *
     * @throws IndexOutOfBoundsException if the digest is shorter
     */
    public static OverlayId ofHash(byte[] digest) {
        return of(digest, 0);
    }

    /** Parses 40 lower-case hexadecimal digits; null if the text is anything else. */
    public static @Nullable OverlayId parseOrNull(String text) {
        if (text.length() != HEX_CHARS) {
            return null;
        }
        for (int i = 0; i < HEX_CHARS; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return null;
            }
        }
        return of(HEX.parseHex(text));
    }

    /**
     * Whether this position lies strictly inside the clockwise open arc from {@code from} to {@code to}.
     *
     * <p>If both ends are equal the arc is the whole ring without that point: the convention of P. Zave, "Reasoning
     * about identifier spaces: how to make Chord correct" (IEEE TSE 2017), which makes a ring of one member
     * well-formed.
     */
    public boolean isBetween(OverlayId from, OverlayId to) {
        boolean afterFrom = compareTo(from) > 0;
        boolean beforeTo = compareTo(to) < 0;
        return from.compareTo(to) < 0 ? afterFrom && beforeTo : afterFrom || beforeTo;
    }

    /** The length of the clockwise arc from here to {@code other}. */
    public OverlayId clockwiseDistanceTo(OverlayId other) {
        return other.minus(this);
    }

    /** The length of the shorter of the two arcs between here and {@code other}, at most 2<sup>159</sup>. */
    public OverlayId ringDistanceTo(OverlayId other) {
        OverlayId clockwise = other.minus(this);
        OverlayId counterClockwise = minus(other);
        return clockwise.compareTo(counterClockwise) <= 0 ? clockwise : counterClockwise;
    }

    /** The clockwise distance to {@code other} as a fraction of the ring, cut to 53 significant bits, in [0, 1). */
    public double clockwiseFractionTo(OverlayId other) {
        OverlayId distance = other.minus(this);
        long lowBits = (distance.low & LOW_32_BITS) << 32;
        long top = distance.high;
        long next = distance.middle;
        int skippedBits = 0;
        if (top == 0) {
            top = next;
            next = lowBits;
            skippedBits = Long.SIZE;
            if (top == 0) {
                top = next;
                next = 0;
                skippedBits = 2 * Long.SIZE;
            }
        }
        int zeros = Long.numberOfLeadingZeros(top);
        if (zeros == Long.SIZE) {
            return 0;
        }
        // A shift by 64 is a shift by 0 in Java, hence the two steps.
        long normalised = (top << zeros) | ((next >>> 1) >>> (Long.SIZE - 1 - zeros));
        long mantissa = normalised >>> (Long.SIZE - DOUBLE_MANTISSA_BITS);
        return StrictMath.scalb((double) mantissa, -DOUBLE_MANTISSA_BITS - skippedBits - zeros);
    }

    /** The position {@code distance} further clockwise. */
    public OverlayId plus(OverlayId distance) {
        long lowSum = (low & LOW_32_BITS) + (distance.low & LOW_32_BITS);
        long lowCarry = lowSum >>> 32;
        long middleSum = middle + distance.middle;
        boolean middleCarry = Long.compareUnsigned(middleSum, middle) < 0;
        middleSum += lowCarry;
        middleCarry |= lowCarry != 0 && middleSum == 0;
        return new OverlayId(high + distance.high + (middleCarry ? 1 : 0), middleSum, (int) lowSum);
    }

    /** The position {@code distance} further counter-clockwise. */
    public OverlayId minus(OverlayId distance) {
        long lowDifference = (low & LOW_32_BITS) - (distance.low & LOW_32_BITS);
        long lowBorrow = lowDifference >>> 63;
        long middleDifference = middle - distance.middle;
        boolean middleBorrow = Long.compareUnsigned(middle, distance.middle) < 0;
        middleBorrow |= lowBorrow != 0 && middleDifference == 0;
        middleDifference -= lowBorrow;
        return new OverlayId(high - distance.high - (middleBorrow ? 1 : 0), middleDifference, (int) lowDifference);
    }

    /**
     * The {@code i}-th of {@code n} evenly spread positions that begin here: this + i * floor(2<sup>160</sup> / n).
     *
     * @throws IllegalArgumentException if {@code i} is negative or {@code n} is not positive
     */
    public OverlayId plusFraction(int i, int n) {
        if (i < 0 || n <= 0) {
            throw new IllegalArgumentException("no such fraction: " + i + "/" + n);
        }
        int[] limbs = new int[LIMBS];
        long remainder = 1 % n;
        for (int limb = 0; limb < LIMBS; limb++) {
            long dividend = remainder << 32;
            limbs[limb] = (int) (dividend / n);
            remainder = dividend % n;
        }
        long carry = 0;
        for (int limb = LIMBS - 1; limb >= 0; limb--) {
            long product = (limbs[limb] & LOW_32_BITS) * i + carry;
            limbs[limb] = (int) product;
            carry = product >>> 32;
        }
        return plus(new OverlayId(join(limbs[0], limbs[1]), join(limbs[2], limbs[3]), limbs[4]));
    }

    /** This number made odd or even. */
    public OverlayId withLowestBit(boolean set) {
        return new OverlayId(high, middle, set ? low | 1 : low & ~1);
    }

    /** True if this number is odd. */
    public boolean lowestBit() {
        return (low & 1) != 0;
    }

    /** Half of this number, rounded down: with {@link #clockwiseDistanceTo}, where two zones meet. */
    public OverlayId half() {
        long halfMiddle = (middle >>> 1) | (high << (Long.SIZE - 1));
        int halfLow = (low >>> 1) | (int) (middle << (Integer.SIZE - 1));
        return new OverlayId(high >>> 1, halfMiddle, halfLow);
    }

    private static long join(int upper, int lower) {
        return ((long) upper << 32) | (lower & LOW_32_BITS);
    }

    /** The encoding of {@link #BYTES} bytes, in a new array. */
    public byte[] toByteArray() {
        byte[] bytes = new byte[BYTES];
        writeTo(bytes, 0);
        return bytes;
    }

    /**
     * Writes the encoding of {@link #BYTES} bytes.
     *
     * @throws IndexOutOfBoundsException if it does not fit
     */
    public void writeTo(byte[] out, int offset) {
        Objects.checkFromIndexSize(offset, BYTES, out.length);
        ByteBuffer view = ByteBuffer.wrap(out);
        view.putLong(offset, high);
        view.putLong(offset + 8, middle);
        view.putInt(offset + 16, low);
    }

    /** The first 64 bits, as an unsigned integer: orders most pairs of positions. */
    public long prefix() {
        return high;
    }

    /** Orders as unsigned integers. */
    @Override
    public int compareTo(OverlayId other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        if (byHigh != 0) {
            return byHigh;
        }
        int byMiddle = Long.compareUnsigned(middle, other.middle);
        return byMiddle != 0 ? byMiddle : Integer.compareUnsigned(low, other.low);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OverlayId that && high == that.high && middle == that.middle && low == that.low;
    }

    @Override
    public int hashCode() {
        return (Long.hashCode(high) * 31 + Long.hashCode(middle)) * 31 + low;
    }

    /** 40 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return HEX.formatHex(toByteArray());
    }

    /** The first 8 digits of {@link #toString()}, for logs. */
    public String toShortString() {
        return toString().substring(0, SHORT_HEX_CHARS);
    }
}

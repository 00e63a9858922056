package io.p2pvpn.overlay.stream;

/** Integers of 1, 2, 4 or 8 bytes, as RFC 9000 has them (section 16): the first two bits say how many. */
final class Varint {
    /** The largest. */
    static final long MAX = (1L << 62) - 1;
    /** Most bytes of one. */
    static final int BYTES_MAX = 8;

    private Varint() {}

    /** How many bytes {@code value}, 0 to {@link #MAX}, takes. */
    static int size(long value) {
        if (value < 1 << 6) {
            return 1;
        }
        if (value < 1 << 14) {
            return 2;
        }
        return value < 1 << 30 ? 4 : 8;
    }

    /** Writes it at {@code at}; returns where it ends. */
    static int put(byte[] out, int at, long value) {
        int size = size(value);
        for (int i = size - 1, shift = 0; i >= 0; i--, shift += 8) {
            out[at + i] = (byte) (value >>> shift);
        }
        out[at] |= (byte) (Integer.numberOfTrailingZeros(size) << 6);
        return at + size;
    }

    /** How many bytes the one takes whose first byte this is. */
    static int sizeOf(byte first) {
        return 1 << ((first & 0xc0) >>> 6);
    }

    /** Reads the one at {@code at}, of {@link #sizeOf} bytes that must be there. */
    static long get(byte[] in, int at) {
        int size = sizeOf(in[at]);
        long value = in[at] & 0x3f;
        for (int i = 1; i < size; i++) {
            value = value << 8 | (in[at + i] & 0xff);
        }
        return value;
    }
}

package io.p2pvpn.overlay.stream;

/** Bytes of a stream by their offset, those from a moving lowest one on. Grows by doubling; a power of two. */
final class ByteRing {
    private static final int FIRST_BYTES = 4096;
    private static final byte[] NONE = {};

    private byte[] ring = NONE;

    /** Makes room for so many bytes; those from {@code from} up to, not including, {@code to} are kept. */
    void atLeast(long bytes, long from, long to) {
        if (bytes <= ring.length) {
            return;
        }
        int capacity = Math.max(FIRST_BYTES, ring.length);
        while (capacity < bytes) {
            capacity *= 2;
        }
        ByteRing larger = new ByteRing();
        larger.ring = new byte[capacity];
        // Beyond what it holds there is nothing to keep, whatever the stream's offsets say.
        long end = Math.min(to, from + ring.length);
        for (long at = from; at < end; ) {
            int index = index(at);
            int run = (int) Math.min(end - at, ring.length - index);
            larger.put(at, ring, index, run);
            at += run;
        }
        ring = larger.ring;
    }

    int capacity() {
        return ring.length;
    }

    private int index(long offset) {
        return (int) (offset & (ring.length - 1));
    }

    void put(long offset, byte[] from, int at, int length) {
        if (length == 0) {
            return;
        }
        int index = index(offset);
        int run = Math.min(length, ring.length - index);
        System.arraycopy(from, at, ring, index, run);
        System.arraycopy(from, at + run, ring, 0, length - run);
    }

    void get(long offset, byte[] to, int at, int length) {
        if (length == 0) {
            return;
        }
        int index = index(offset);
        int run = Math.min(length, ring.length - index);
        System.arraycopy(ring, index, to, at, run);
        System.arraycopy(ring, 0, to, at + run, length - run);
    }

    /** Lets the memory go; nothing may be in it. */
    void free() {
        ring = NONE;
    }
}

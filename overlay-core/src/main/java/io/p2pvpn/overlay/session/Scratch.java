package io.p2pvpn.overlay.session;

/**
 * An array for what is done with before the next comes, as long as the longest so far: most nodes never see a frame of
 * 64 KiB, and thousands of them fit into one simulation. Confined to one thread.
 */
final class Scratch {
    private static final int FIRST_BYTES = 2048;

    private byte[] bytes = new byte[FIRST_BYTES];

    /** The array, with room for so many bytes; what was in it may be gone. */
    byte[] atLeast(int length) {
        if (length > bytes.length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
        }
        return bytes;
    }

    /** The array as it was last asked for. */
    byte[] bytes() {
        return bytes;
    }
}

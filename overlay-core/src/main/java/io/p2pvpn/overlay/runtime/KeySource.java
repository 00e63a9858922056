package io.p2pvpn.overlay.runtime;

import java.nio.ByteBuffer;

/** Randomness fit for keys, and for all numbers that a stranger must not guess; seeded in simulation. */
public interface KeySource {
    /** Fills the whole array. */
    void fill(byte[] bytes);

    /** A number that nobody can guess. */
    default long nextLong() {
        byte[] bytes = new byte[Long.BYTES];
        fill(bytes);
        return ByteBuffer.wrap(bytes).getLong();
    }
}

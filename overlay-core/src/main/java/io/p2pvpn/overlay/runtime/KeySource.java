package io.p2pvpn.overlay.runtime;

/** Randomness fit for keys; seeded in simulation. */
public interface KeySource {
    /** Fills the whole array. */
    void fill(byte[] bytes);
}

package io.p2pvpn.simulator;

import java.util.SplittableRandom;

/** The world's own draws, made from whole 64-bit words only so that every JDK draws the same. */
final class Dice {
    private final SplittableRandom random;

    Dice(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Evenly from 0 (included) to 1 (excluded). */
    double nextUnit() {
        return (random.nextLong() >>> 11) * 0x1.0p-53;
    }

    /** True with this probability; draws nothing when the answer is certain. */
    boolean happens(double probability) {
        return probability > 0 && (probability >= 1 || nextUnit() < probability);
    }
}

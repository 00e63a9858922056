package io.p2pvpn.simulator;

/** How many seeds the protocol tests run: 100, or as many as {@code -Dp2pvpn.seeds} says. */
final class Seeds {
    private static final int DEFAULT_COUNT = 100;

    private Seeds() {}

    static int count() {
        return Integer.getInteger("p2pvpn.seeds", DEFAULT_COUNT);
    }

    /** For costly worlds: a part of the seeds, at least one. */
    static int count(int divisor) {
        return Math.max(1, count() / divisor);
    }
}

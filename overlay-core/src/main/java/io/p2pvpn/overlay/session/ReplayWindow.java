package io.p2pvpn.overlay.session;

/**
 * Tells new counters from repeated ones: a ring of bitmap words that slides forward (RFC 6479). Confined to one thread.
 */
final class ReplayWindow {
    private static final int WORDS = 64;
    /** Counters that lie this far behind the highest one seen are taken for repeated. */
    static final int SIZE = (WORDS - 1) * Long.SIZE;

    private final long[] bitmap = new long[WORDS];
    private long highest = -1;

    /** True if {@code counter} can still be new; changes nothing. */
    boolean mayAccept(long counter) {
        if (counter < 0) {
            return false;
        }
        if (counter > highest) {
            return true;
        }
        return highest - counter < SIZE && (bitmap[word(counter)] & bit(counter)) == 0;
    }

    /** Records an authenticated counter: false if it was seen before or lies behind the window. */
    boolean accept(long counter) {
        if (!mayAccept(counter)) {
            return false;
        }
        if (counter > highest) {
            long from = highest >> 6;
            long steps = Math.min((counter >> 6) - from, WORDS);
            for (long step = 1; step <= steps; step++) {
                bitmap[(int) ((from + step) & (WORDS - 1))] = 0;
            }
            highest = counter;
        }
        bitmap[word(counter)] |= bit(counter);
        return true;
    }

    /** The highest counter accepted, -1 before the first. */
    long highest() {
        return highest;
    }

    private static int word(long counter) {
        return (int) ((counter >> 6) & (WORDS - 1));
    }

    private static long bit(long counter) {
        return 1L << (counter & 63);
    }
}

package io.p2pvpn.overlay.session;

import java.util.Arrays;

/**
 * Tells new counters from repeated ones: a ring of bitmap words that slides forward (RFC 6479). As long as counters are
 * low the ring has only the words that they need, since most sessions carry little. Confined to one thread.
 */
final class ReplayWindow {
    private static final int WORDS = 64;
    /** Counters that lie this far behind the highest one seen are taken for repeated. */
    static final int SIZE = (WORDS - 1) * Long.SIZE;

    /** A power of two of words, all from 0 to that of the highest counter until there are {@link #WORDS}. */
    private long[] bitmap = new long[1];

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
            makeRoom(counter);
            long from = highest >> 6;
            long steps = Math.min((counter >> 6) - from, WORDS);
            for (long step = 1; step <= steps; step++) {
                bitmap[(int) ((from + step) & (bitmap.length - 1))] = 0;
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

    /** Nothing has slid yet while there are fewer words: each is where it would be in a larger ring. */
    private void makeRoom(long counter) {
        int words = bitmap.length;
        while (words < WORDS && counter >> 6 >= words) {
            words *= 2;
        }
        if (words > bitmap.length) {
            bitmap = Arrays.copyOf(bitmap, words);
        }
    }

    private int word(long counter) {
        return (int) ((counter >> 6) & (bitmap.length - 1));
    }

    private static long bit(long counter) {
        return 1L << (counter & 63);
    }
}

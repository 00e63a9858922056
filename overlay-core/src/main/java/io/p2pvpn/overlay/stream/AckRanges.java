package io.p2pvpn.overlay.stream;

import java.util.Arrays;

/** The packets that one acknowledgement names: ranges, the highest first. Reused. */
final class AckRanges {
    /** Ranges that are looked at; more are left out. */
    static final int RANGES_MAX = 64;

    private static final int ROOM_MIN = 4;

    private long[] smallest = {};
    private long[] largest = {};
    private int count;
    private long delayMicros;

    /** Begins anew. */
    void start(long newDelayMicros) {
        count = 0;
        delayMicros = newDelayMicros;
    }

    /** One more, below the others. */
    void add(long smallestOne, long largestOne) {
        if (count < RANGES_MAX) {
            if (count == smallest.length) {
                int room = Math.min(Math.max(ROOM_MIN, 2 * count), RANGES_MAX);
                smallest = Arrays.copyOf(smallest, room);
                largest = Arrays.copyOf(largest, room);
            }
            smallest[count] = smallestOne;
            largest[count++] = largestOne;
        }
    }

    int count() {
        return count;
    }

    long smallest(int i) {
        return smallest[i];
    }

    long largest(int i) {
        return largest[i];
    }

    /** How long it was held back. */
    long delayMicros() {
        return delayMicros;
    }
}

package io.p2pvpn.overlay.stream;

/** The packets that one acknowledgement names: ranges, the highest first. Reused. */
final class AckRanges {
    /** Ranges that are looked at; more are left out. */
    static final int RANGES_MAX = 64;

    private final long[] smallest = new long[RANGES_MAX];
    private final long[] largest = new long[RANGES_MAX];
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

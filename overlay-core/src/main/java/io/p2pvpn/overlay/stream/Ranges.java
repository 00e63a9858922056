package io.p2pvpn.overlay.stream;

import java.util.Arrays;

/** A set of numbers, 0 or more, as ranges in ascending order that do not touch. Allocates only to grow. */
final class Ranges {
    private static final int FIRST_RANGES = 4;

    /** First numbers, and those behind the last. */
    private long[] starts = new long[FIRST_RANGES];

    private long[] ends = new long[FIRST_RANGES];
    private int count;

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** The first number of range {@code i}. */
    long start(int i) {
        return starts[i];
    }

    /** One more than the last number of range {@code i}. */
    long end(int i) {
        return ends[i];
    }

    void clear() {
        count = 0;
    }

    /** How many ranges end before {@code number} or at it. */
    private int firstBehind(long number) {
        if (count == 0 || ends[count - 1] <= number) {
            return count;
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] <= number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    boolean contains(long number) {
        int i = firstBehind(number);
        return i < count && starts[i] <= number;
    }

    /** True if all from {@code start} up to, not including, {@code end} are in it. */
    boolean containsAll(long start, long end) {
        int i = firstBehind(start);
        return start >= end || (i < count && starts[i] <= start && ends[i] >= end);
    }

    /** Adds all from {@code start} up to, not including, {@code end}. */
    void add(long start, long end) {
        if (start >= end) {
            return;
        }
        if (count > 0 && starts[count - 1] <= start && ends[count - 1] >= start) {
            ends[count - 1] = Math.max(end, ends[count - 1]);
            return;
        }
        // Those that touch it, from first up to, not including, last, become one with it.
        int first = firstBehind(start - 1);
        int last = first;
        long from = start;
        long to = end;
        while (last < count && starts[last] <= end) {
            from = Math.min(from, starts[last]);
            to = Math.max(to, ends[last]);
            last++;
        }
        replace(first, last, 1);
        starts[first] = from;
        ends[first] = to;
    }

    /** Takes away all from {@code start} up to, not including, {@code end}. */
    void remove(long start, long end) {
        int first = firstBehind(start);
        if (start >= end || first == count || starts[first] >= end) {
            return;
        }
        int last = first;
        while (last < count && starts[last] < end) {
            last++;
        }
        long headStart = starts[first];
        long tailEnd = ends[last - 1];
        boolean head = headStart < start;
        boolean tail = tailEnd > end;
        replace(first, last, (head ? 1 : 0) + (tail ? 1 : 0));
        int at = first;
        if (head) {
            starts[at] = headStart;
            ends[at++] = start;
        }
        if (tail) {
            starts[at] = end;
            ends[at] = tailEnd;
        }
    }

    /** Takes away the lowest range. */
    void removeFirst() {
        replace(0, 1, 0);
    }

    /** Makes room for {@code places} ranges instead of those from {@code first} up to, not including, {@code last}. */
    private void replace(int first, int last, int places) {
        int newCount = count - (last - first) + places;
        if (newCount > starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
            ends = Arrays.copyOf(ends, ends.length * 2);
        }
        System.arraycopy(starts, last, starts, first + places, count - last);
        System.arraycopy(ends, last, ends, first + places, count - last);
        count = newCount;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ").append(starts[i]).append('-').append(ends[i] - 1);
        }
        return text.toString();
    }
}

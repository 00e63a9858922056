package io.p2pvpn.simulator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is still to happen, ordered by (time, sequence number).
 *
 * <p>A heap of arity four: half the levels of a binary one, and the keys of the four children that are compared sit in
 * one run of memory. Keys are kept apart from the events, so that sifting touches no event. Confined to the world's
 * thread.
 */
final class EventHeap {
    private static final int INITIAL_EVENTS = 1024;
    private static final int ARITY_SHIFT = 2;
    private static final int ARITY = 1 << ARITY_SHIFT;

    /** Key of event i: time at 2i, sequence number at 2i + 1. */
    private long[] keys = new long[2 * INITIAL_EVENTS];

    private @Nullable SimEvent[] events = new @Nullable SimEvent[INITIAL_EVENTS];
    private int size;

    int size() {
        return size;
    }

    /** Time of the first event; only if there is one. */
    long firstNanos() {
        return keys[0];
    }

    /** Sequence number of the first event; only if there is one. */
    long firstSequence() {
        return keys[1];
    }

    /** The first event, which stays, or null. */
    @Nullable
    SimEvent first() {
        return events[0];
    }

    void add(long nanos, long sequence, SimEvent event) {
        if (size == events.length) {
            keys = Arrays.copyOf(keys, 4 * size);
            events = Arrays.copyOf(events, 2 * size);
        }
        size++;
        siftUp(size - 1, nanos, sequence, event);
    }

    /** Takes the first event out, or returns null. */
    @Nullable
    SimEvent poll() {
        SimEvent first = events[0];
        if (size > 0) {
            size--;
            SimEvent last = events[size];
            events[size] = null;
            if (size > 0 && last != null) {
                siftDown(0, keys[2 * size], keys[2 * size + 1], last);
            }
        }
        return first;
    }

    /** Forgets the events that would do nothing, and returns how many those were. */
    int removeDead() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            SimEvent event = events[i];
            if (event != null && event.isLive()) {
                place(kept++, keys[2 * i], keys[2 * i + 1], event);
            }
        }
        int removed = size - kept;
        Arrays.fill(events, kept, size, null);
        size = kept;
        for (int i = (size - 2) >> ARITY_SHIFT; i >= 0; i--) {
            SimEvent event = events[i];
            if (event != null) {
                siftDown(i, keys[2 * i], keys[2 * i + 1], event);
            }
        }
        return removed;
    }

    private void siftUp(int start, long nanos, long sequence, SimEvent event) {
        int hole = start;
        while (hole > 0) {
            int parent = (hole - 1) >> ARITY_SHIFT;
            if (!isBefore(nanos, sequence, parent)) {
                break;
            }
            move(parent, hole);
            hole = parent;
        }
        place(hole, nanos, sequence, event);
    }

    private void siftDown(int start, long nanos, long sequence, SimEvent event) {
        int hole = start;
        while (true) {
            int child = (hole << ARITY_SHIFT) + 1;
            if (child >= size) {
                break;
            }
            int least = child;
            int end = Math.min(child + ARITY, size);
            for (int other = child + 1; other < end; other++) {
                if (isBefore(keys[2 * other], keys[2 * other + 1], least)) {
                    least = other;
                }
            }
            if (isBefore(nanos, sequence, least)) {
                break;
            }
            move(least, hole);
            hole = least;
        }
        place(hole, nanos, sequence, event);
    }

    private boolean isBefore(long nanos, long sequence, int index) {
        long otherNanos = keys[2 * index];
        return nanos < otherNanos || (nanos == otherNanos && sequence < keys[2 * index + 1]);
    }

    private void move(int from, int to) {
        keys[2 * to] = keys[2 * from];
        keys[2 * to + 1] = keys[2 * from + 1];
        events[to] = events[from];
    }

    private void place(int index, long nanos, long sequence, SimEvent event) {
        keys[2 * index] = nanos;
        keys[2 * index + 1] = sequence;
        events[index] = event;
    }
}

package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values by their position on the ring, in its order. A sorted array: a node knows some dozens, looks them up with each
 * message, and goes on from one to the next; they change seldom. Belongs to one thread.
 *
 * @param <T> what stands at a position
 */
public final class Circle<T> {
    private static final int FIRST = 4;

    private OverlayId[] ids = new OverlayId[FIRST];
    /** The first bits of each position: most comparisons need no more, and they lie side by side. */
    private long[] prefixes = new long[FIRST];

    private Object[] values = new Object[FIRST];
    private int size;

    /** An empty one. */
    public Circle() {}

    /** How many positions are taken. */
    public int size() {
        return size;
    }

    /** The i-th position, counted from zero upwards. */
    public OverlayId id(int i) {
        return ids[i];
    }

    /** What stands at the i-th position. */
    @SuppressWarnings("unchecked")
    public T value(int i) {
        return (T) values[i];
    }

    /** What stands there, or null. */
    public @Nullable T get(OverlayId id) {
        int i = lowerBound(id);
        return isAt(i, id) ? value(i) : null;
    }

    /** True if the position is taken. */
    public boolean contains(OverlayId id) {
        return isAt(lowerBound(id), id);
    }

    /** Puts a value there; what stood there before, or null. */
    public @Nullable T put(OverlayId id, T value) {
        int i = lowerBound(id);
        if (isAt(i, id)) {
            T before = value(i);
            values[i] = value;
            return before;
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            prefixes = Arrays.copyOf(prefixes, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
        }
        System.arraycopy(ids, i, ids, i + 1, size - i);
        System.arraycopy(prefixes, i, prefixes, i + 1, size - i);
        System.arraycopy(values, i, values, i + 1, size - i);
        ids[i] = id;
        prefixes[i] = id.prefix();
        values[i] = value;
        size++;
        return null;
    }

    /** Takes away what stands there, and returns it; or null. */
    public @Nullable T remove(OverlayId id) {
        int i = lowerBound(id);
        if (!isAt(i, id)) {
            return null;
        }
        T gone = value(i);
        size--;
        System.arraycopy(ids, i + 1, ids, i, size - i);
        System.arraycopy(prefixes, i + 1, prefixes, i, size - i);
        System.arraycopy(values, i + 1, values, i, size - i);
        values[size] = null;
        return gone;
    }

    /** All values in their order: a copy. */
    public List<T> values() {
        List<T> copy = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            copy.add(value(i));
        }
        return copy;
    }

    /** Of how many positions taken this one is past: also where it would stand. */
    public int lowerBound(OverlayId id) {
        long prefix = id.prefix();
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(prefixes[middle], prefix);
            if (order == 0) {
                order = ids[middle].compareTo(id);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isAt(int i, OverlayId id) {
        return i < size && ids[i].equals(id);
    }

    /**
     * The k-th (from 0) that is met on the way once around from a place between two: clockwise the one that
     * {@link #lowerBound} counted to is the first, counter-clockwise the one before it.
     */
    public int around(int place, int k, boolean clockwise) {
        int i = clockwise ? place + k : place - 1 - k;
        return i >= size ? i - size : i < 0 ? i + size : i;
    }
}

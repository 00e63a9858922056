package io.p2pvpn.simulator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is still to happen, ordered by (time, sequence number).
 *
 * <p>A heap of all that a large world waits for is larger than the processor's cache. So what is due in the next couple
 * of seconds waits unsorted in slots of a millisecond (a calendar queue: Brown, CACM 31(10), 1988), and only the slot
 * that is being emptied is a heap; another one has what is due later. Confined to the thread that runs the world.
 */
final class EventQueue {
    /** A slot has 2^20 ns. */
    private static final int SLOT_SHIFT = 20;

    private static final int SLOTS = 2048;

    private final EventHeap near = new EventHeap();
    private final EventHeap far = new EventHeap();
    private final @Nullable Slot[] slots = new @Nullable Slot[SLOTS];
    /** Events in slots. */
    private int slotted;
    /** The first slot, counted since the world began, that is not in {@link #near}. */
    private long nextSlot;

    /** What {@link SimEvent#touch} returned: used for nothing, but a compiler must not find that out. */
    @SuppressWarnings("UnusedVariable")
    private int touched;

    /** What is due in the same millisecond, in the order in which it came. */
    private static final class Slot {
        private static final int INITIAL_EVENTS = 16;

        private long[] keys = new long[2 * INITIAL_EVENTS];
        private SimEvent[] events = new SimEvent[INITIAL_EVENTS];
        private int size;

        void add(long nanos, long sequence, SimEvent event) {
            if (size == events.length) {
                keys = Arrays.copyOf(keys, 4 * size);
                events = Arrays.copyOf(events, 2 * size);
            }
            keys[2 * size] = nanos;
            keys[2 * size + 1] = sequence;
            events[size++] = event;
        }

        int touch() {
            int sum = 0;
            for (int i = 0; i < size; i++) {
                sum += events[i].touch();
            }
            for (int step = 1; step <= SimEvent.STEPS; step++) {
                for (int i = 0; i < size; i++) {
                    sum += events[i].touch(step);
                }
            }
            return sum;
        }

        void moveTo(EventHeap heap) {
            for (int i = 0; i < size; i++) {
                heap.add(keys[2 * i], keys[2 * i + 1], events[i]);
            }
            clearFrom(0);
        }

        int removeDead() {
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (events[i].isLive()) {
                    keys[2 * kept] = keys[2 * i];
                    keys[2 * kept + 1] = keys[2 * i + 1];
                    events[kept++] = events[i];
                }
            }
            int removed = size - kept;
            clearFrom(kept);
            return removed;
        }

        @SuppressWarnings("NullAway") // beyond the size is nothing that is read
        private void clearFrom(int newSize) {
            Arrays.fill(events, newSize, size, null);
            size = newSize;
        }
    }

    int size() {
        return near.size() + slotted + far.size();
    }

    /** Time of the first event; only if there is one. */
    long firstNanos() {
        settle();
        return near.firstNanos();
    }

    /** Sequence number of the first event; only if there is one. */
    long firstSequence() {
        settle();
        return near.firstSequence();
    }

    /** The first event, which stays, or null. */
    @Nullable
    SimEvent first() {
        settle();
        return near.first();
    }

    void add(long nanos, long sequence, SimEvent event) {
        long slot = nanos >> SLOT_SHIFT;
        if (slot < nextSlot) {
            near.add(nanos, sequence, event);
        } else if (slot - nextSlot < SLOTS) {
            slotAt(slot).add(nanos, sequence, event);
            slotted++;
        } else {
            far.add(nanos, sequence, event);
        }
    }

    private Slot slotAt(long slot) {
        int index = (int) (slot & (SLOTS - 1));
        Slot there = slots[index];
        if (there == null) {
            there = new Slot();
            slots[index] = there;
        }
        return there;
    }

    /** Takes the first event out, or returns null. */
    @Nullable
    SimEvent poll() {
        settle();
        return near.poll();
    }

    /** Forgets the events that would do nothing, and returns how many those were. */
    int removeDead() {
        int removed = near.removeDead() + far.removeDead();
        for (Slot slot : slots) {
            if (slot != null) {
                int dead = slot.removeDead();
                slotted -= dead;
                removed += dead;
            }
        }
        return removed;
    }

    /** Goes on to the next slot with events when all of the present one have happened. */
    private void settle() {
        while (near.size() == 0 && slotted + far.size() > 0) {
            if (slotted == 0) {
                nextSlot = far.firstNanos() >> SLOT_SHIFT;
            }
            open(slots[(int) (nextSlot & (SLOTS - 1))]);
            nextSlot++;
            while (far.size() > 0 && far.firstNanos() >> SLOT_SHIFT < nextSlot) {
                moveFromFar();
            }
        }
    }

    private void open(@Nullable Slot slot) {
        if (slot != null && slot.size > 0) {
            slotted -= slot.size;
            touched += slot.touch();
            slot.moveTo(near);
        }
    }

    private void moveFromFar() {
        long nanos = far.firstNanos();
        long sequence = far.firstSequence();
        SimEvent event = far.poll();
        if (event != null) {
            near.add(nanos, sequence, event);
        }
    }
}

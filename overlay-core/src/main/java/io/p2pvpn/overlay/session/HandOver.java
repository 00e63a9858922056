package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of byte strings from one thread to another, with what belongs to each: copies go round in one array.
 * One thread adds, one takes; neither waits.
 */
final class HandOver {
    /** Entries that fit, if their bytes do. */
    static final int ENTRIES = 512;
    /** Bytes that fit. */
    static final int BYTES = 1 << 20;

    /** What a queue hands over: its fields that are null or 0 were not given. */
    interface Taker {
        /**
         * One entry; the array is valid during the call.
         *
         * @param source who wants it back, for what is no frame
         * @param from the address that the frame came from
         * @param route the way that it came by, if not from there to the node's own port
         * @param keys that opened it
         * @param note a number that travels along
         */
        void take(
                @Nullable QueuePackets source,
                @Nullable Endpoint from,
                @Nullable FrameRoute route,
                @Nullable Epoch keys,
                int note,
                byte[] buffer,
                int offset,
                int length);
    }

    private final @Nullable QueuePackets[] sources = new QueuePackets[ENTRIES];
    private final @Nullable Endpoint[] senders = new Endpoint[ENTRIES];
    private final @Nullable FrameRoute[] routes = new FrameRoute[ENTRIES];
    private final @Nullable Epoch[] keys = new Epoch[ENTRIES];
    private final int[] notes = new int[ENTRIES];
    private final int[] starts = new int[ENTRIES];
    private final int[] lengths = new int[ENTRIES];
    private byte[] data = new byte[0];
    /** Entries taken so far; written by the taking thread. */
    private final AtomicLong taken = new AtomicLong();
    /** Entries added so far; written by the adding thread. */
    private final AtomicLong added = new AtomicLong();

    private int end;

    /** True if {@code length} bytes more fit now. For the adding thread. */
    boolean hasRoom(int length) {
        return place(length) >= 0;
    }

    /** Copies an entry; false if there is no room. For the adding thread. */
    boolean add(
            @Nullable QueuePackets source,
            @Nullable Endpoint from,
            @Nullable FrameRoute route,
            @Nullable Epoch opener,
            int note,
            byte[] buffer,
            int offset,
            int length) {
        int at = place(length);
        if (at < 0) {
            return false;
        }
        if (data.length == 0) {
            data = new byte[BYTES];
        }
        System.arraycopy(buffer, offset, data, at, length);
        end = at + Math.max(1, length);
        long number = added.get();
        int slot = (int) (number % ENTRIES);
        sources[slot] = source;
        senders[slot] = from;
        routes[slot] = route;
        keys[slot] = opener;
        notes[slot] = note;
        starts[slot] = at;
        lengths[slot] = length;
        added.set(number + 1);
        return true;
    }

    /** Where so many bytes can be put in one piece, or -1. What is in use lies between the oldest entry and the end. */
    private int place(int bytes) {
        // An entry takes a byte at least, so that the ends of what is in use differ.
        int length = Math.max(1, bytes);
        long oldest = taken.get();
        long waiting = added.get() - oldest;
        if (waiting == 0) {
            return length <= BYTES ? 0 : -1;
        }
        if (waiting == ENTRIES) {
            return -1;
        }
        int start = starts[(int) (oldest % ENTRIES)];
        if (end > start) {
            if (length <= BYTES - end) {
                return end;
            }
            return length < start ? 0 : -1;
        }
        return length < start - end ? end : -1;
    }

    /** Hands over the oldest entry; false if there is none. For the taking thread. */
    boolean take(Taker taker) {
        long number = taken.get();
        if (number == added.get()) {
            return false;
        }
        int slot = (int) (number % ENTRIES);
        taker.take(
                sources[slot], senders[slot], routes[slot], keys[slot], notes[slot], data, starts[slot], lengths[slot]);
        sources[slot] = null;
        senders[slot] = null;
        routes[slot] = null;
        keys[slot] = null;
        taken.set(number + 1);
        return true;
    }
}

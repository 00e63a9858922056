package io.p2pvpn.vpn.tun;

import java.util.Arrays;

/**
 * Reads several rings of packets in turn, so that each gets the same share of bytes: deficit round robin (Shreedhar,
 * Varghese, SIGCOMM 1995), with the two lists of RFC 8290. A ring that has just become ready is read before those that
 * have been for long, up to one quantum; so a flow that sends little waits for nobody's backlog.
 *
 * <p>Which rings are ready it is told, and reads no others. Confined to the loop of the rings.
 */
final class FairRings {
    /** How much of a ring is read before it is another's turn: the largest packet there is. */
    static final int QUANTUM_BYTES = 1 << 16;

    private static final int NONE = -1;

    /** A queue of packets. */
    interface Ring {
        /** Reads a packet; its bytes, or 0 when nothing waits. */
        int read(byte[] buffer);
    }

    private final Ring[] rings;
    private final int[] creditBytes;
    private final boolean[] listed;
    private final RingList fresh;
    private final RingList old;

    /** All of them idle. */
    FairRings(Ring[] rings) {
        this.rings = rings.clone();
        creditBytes = new int[rings.length];
        listed = new boolean[rings.length];
        int[] next = new int[rings.length];
        fresh = new RingList(next);
        old = new RingList(next);
    }

    /** Something waits in that ring. */
    void onReady(int ring) {
        if (!listed[ring]) {
            listed[ring] = true;
            creditBytes[ring] = QUANTUM_BYTES;
            fresh.add(ring);
        }
    }

    /** Reads the packet whose turn it is; 0 when no ring that was ready holds one. */
    int read(byte[] buffer) {
        while (true) {
            RingList list = fresh.isEmpty() ? old : fresh;
            if (list.isEmpty()) {
                return 0;
            }
            int ring = list.first();
            if (creditBytes[ring] <= 0) {
                creditBytes[ring] += QUANTUM_BYTES;
                list.removeFirst();
                old.add(ring);
                continue;
            }
            int bytes = rings[ring].read(buffer);
            if (bytes > 0) {
                creditBytes[ring] -= bytes;
                return bytes;
            }
            list.removeFirst();
            // Who is empty for a moment must not come before all others again and again (RFC 8290 section 4.2).
            if (list == fresh && !old.isEmpty()) {
                old.add(ring);
            } else {
                listed[ring] = false;
            }
        }
    }

    /** Rings one behind the other; a ring is in one list at most, so that they share the links. */
    private static final class RingList {
        private final int[] next;
        private int first = NONE;
        private int last = NONE;

        RingList(int[] next) {
            this.next = next;
            Arrays.fill(next, NONE);
        }

        boolean isEmpty() {
            return first == NONE;
        }

        int first() {
            return first;
        }

        void add(int ring) {
            next[ring] = NONE;
            if (first == NONE) {
                first = ring;
            } else {
                next[last] = ring;
            }
            last = ring;
        }

        void removeFirst() {
            first = next[first];
        }
    }
}

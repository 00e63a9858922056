package io.p2pvpn.overlay.stream;

/**
 * What one stream has still to send, or to send again (RFC 9000, sections 2.2 and 3.1). Bytes stay until they are
 * acknowledged.
 */
final class SendBuffer {
    private final ByteRing ring = new ByteRing();
    /** Acknowledged bytes beyond {@link #base}. */
    private final Ranges acked = new Ranges();
    /** To be sent again. */
    private final Ranges lost = new Ranges();
    /** The lowest byte that is not acknowledged. */
    private long base;
    /** The lowest byte that was never sent. */
    private long next;
    /** One behind the last byte that was written. */
    private long end;
    /** How far the peer lets us go. */
    private long limit;

    private boolean finished;
    private boolean finSent;
    private boolean finLost;
    private boolean finAcked;

    /** How much of {@code length} bytes it takes, having {@code capacity} for what waits. */
    int write(byte[] from, int offset, int length, int capacity) {
        int taken = (int) Math.max(0, Math.min(length, capacity - (end - base)));
        ring.atLeast(end - base + taken, base, end);
        ring.put(end, from, offset, taken);
        end += taken;
        return taken;
    }

    /** Nothing more is written. */
    void finish() {
        finished = true;
    }

    boolean isFinished() {
        return finished;
    }

    /** True once all, and that it is all, is acknowledged. */
    boolean isDone() {
        return finAcked && base == end;
    }

    /** Bytes that wait: to be sent, or to be acknowledged. */
    long waitingBytes() {
        return end - base;
    }

    /** One behind the last byte that was sent: what a reset says. */
    long sentBytes() {
        return next;
    }

    void raiseLimit(long bytes) {
        limit = Math.max(limit, bytes);
    }

    /** True if {@link #take} has something, given that the session lets {@code credit} new bytes go. */
    boolean hasSome(long credit) {
        return !lost.isEmpty() || finLost || (next < end && next < limit && credit > 0) || isFinDue();
    }

    private boolean isFinDue() {
        return finished && !finSent && next == end;
    }

    /** Where the next part begins. */
    long nextOffset() {
        return lost.isEmpty() ? next : lost.start(0);
    }

    /** How many bytes the next part may have. */
    long nextBytes(long credit) {
        if (!lost.isEmpty()) {
            return lost.end(0) - lost.start(0);
        }
        return Math.max(0, Math.min(Math.min(end, limit) - next, credit));
    }

    /** Whether the last part goes along with so many bytes of the next one. */
    boolean isLast(int bytes) {
        return finished && nextOffset() + bytes == end;
    }

    /**
     * Takes so many bytes of the next part, at most {@link #nextBytes}, and copies them.
     *
     * @return how many of them were never sent before
     */
    int take(int bytes, byte[] to, int at) {
        long offset = nextOffset();
        ring.get(offset, to, at, bytes);
        if (isLast(bytes)) {
            finSent = true;
            finLost = false;
        }
        if (!lost.isEmpty()) {
            lost.remove(offset, offset + bytes);
            return 0;
        }
        next += bytes;
        return bytes;
    }

    /** A part has arrived. */
    void onAcked(long offset, int bytes, boolean fin) {
        finAcked |= fin;
        finLost &= !finAcked;
        long to = offset + bytes;
        if (!lost.isEmpty()) {
            lost.remove(offset, to);
        }
        if (offset > base) {
            acked.add(offset, to);
            return;
        }
        base = Math.max(base, to);
        while (!acked.isEmpty() && acked.start(0) <= base) {
            base = Math.max(base, acked.end(0));
            acked.removeFirst();
        }
        if (base == end && finished) {
            ring.free();
        }
    }

    /** A part has not arrived, or nobody knows; it is sent again, as far as it is not known to have arrived. */
    void onLost(long offset, int bytes, boolean fin) {
        finLost |= fin && !finAcked;
        long from = Math.max(offset, base);
        long to = offset + bytes;
        if (from >= to) {
            return;
        }
        lost.add(from, to);
        for (int i = 0; i < acked.count() && acked.start(i) < to; i++) {
            lost.remove(acked.start(i), acked.end(i));
        }
    }

    /** Nothing of it is wanted any more. */
    void discard() {
        lost.clear();
        acked.clear();
        base = next;
        end = next;
        finished = false;
        ring.free();
    }
}

package io.p2pvpn.overlay.stream;

/** Which packets of the peer have come, and when that is to be said (RFC 9000, sections 13.1 and 13.2). */
final class PacketHistory {
    /** Acknowledged at once, if so many packets wait for it. */
    private static final int ELICITING_MAX = 2;
    /** Of packets before the last whose acknowledgement arrived: what is older was sent again long ago. */
    private static final long KEPT_BEHIND = 512;

    private final Ranges received = new Ranges();
    /** Packets below this one count as seen. */
    private long floor;

    private long largestNanos;
    private int eliciting;
    private boolean outOfOrder;
    private long deadlineNanos = Long.MAX_VALUE;

    boolean isNew(long number) {
        return number >= floor && !received.contains(number);
    }

    /** A packet that is new was read. */
    void add(long number, boolean isEliciting, long nowNanos) {
        long largest = largest();
        received.add(number, number + 1);
        if (received.count() > StreamLimits.PACKET_RANGES_MAX) {
            floor = received.end(0);
            received.removeFirst();
        }
        if (number > largest) {
            largestNanos = nowNanos;
        }
        if (isEliciting) {
            eliciting++;
            outOfOrder |= number != largest + 1;
            deadlineNanos = Math.min(deadlineNanos, nowNanos + StreamLimits.ACK_DELAY_NANOS);
        }
    }

    /** The highest, less than 0 if none has come. */
    long largest() {
        return received.isEmpty() ? floor - 1 : received.end(received.count() - 1) - 1;
    }

    /** True if there is something to acknowledge. */
    boolean isWaiting() {
        return eliciting > 0;
    }

    /** True if it should not wait for other packets that could take it along. */
    boolean isDue(long nowNanos) {
        return eliciting >= ELICITING_MAX || (eliciting > 0 && (outOfOrder || nowNanos - deadlineNanos >= 0));
    }

    /** When it is due, if nothing else comes. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Writes an acknowledgement; the highest packet that it names, or less than 0 if there was no room. */
    long write(PacketWriter writer, long nowNanos) {
        if (!writer.ack(received, Math.max(0, nowNanos - largestNanos) / 1000)) {
            return -1;
        }
        eliciting = 0;
        outOfOrder = false;
        deadlineNanos = Long.MAX_VALUE;
        return largest();
    }

    /** An acknowledgement that names {@code largest} has arrived: what is far behind needs not be said any more. */
    void onAckArrived(long largest) {
        long behind = largest - KEPT_BEHIND;
        if (behind > floor) {
            floor = behind;
            received.remove(0, behind);
        }
    }
}

package io.p2pvpn.overlay.stream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The packets under way, in order of their numbers, and which of them are lost (RFC 9002, section 6.1): those that were
 * sent three packets, or some time, before one that was acknowledged.
 */
final class SentPackets {
    /** So many packets later counts as lost (kPacketThreshold). */
    private static final int REORDERED_MAX = 3;

    private static final int FIRST_PLACES = 64;
    private static final @Nullable SentPacket[] NONE = {};

    /** Hears what became of packets. */
    interface Fate {
        /** It arrived. */
        void onAcked(SentPacket packet);

        /** It is taken for lost. */
        void onLost(SentPacket packet);
    }

    private @Nullable SentPacket[] ring = NONE;
    /** The lowest number that is not settled, or next. */
    private long base;

    private long next;
    private long largestAcked = -1;
    private long bytesUnderWay;
    private int outstanding;
    private long lastSentNanos;
    private long lossNanos = Long.MAX_VALUE;

    private SentPacket at(long number) {
        SentPacket packet = ring[(int) (number & (ring.length - 1))];
        assert packet != null;
        return packet;
    }

    /** The number of the next packet. */
    long next() {
        return next;
    }

    long bytesUnderWay() {
        return bytesUnderWay;
    }

    boolean isEmpty() {
        return outstanding == 0;
    }

    boolean hasRoom() {
        return next - base < StreamLimits.SENT_PACKETS_MAX;
    }

    /** The place of the next packet, made empty. */
    SentPacket start() {
        if (next - base == ring.length) {
            grow();
        }
        int index = (int) (next & (ring.length - 1));
        SentPacket packet = ring[index];
        if (packet == null) {
            packet = new SentPacket();
            ring[index] = packet;
        }
        packet.start();
        return packet;
    }

    private void grow() {
        @Nullable SentPacket[] larger = new SentPacket[Math.max(FIRST_PLACES, ring.length * 2)];
        for (long number = base; number < next; number++) {
            larger[(int) (number & (larger.length - 1))] = at(number);
        }
        ring = larger;
    }

    /** The packet that {@link #start} gave is on its way; if it is eliciting, its fate counts. */
    void sent(boolean eliciting) {
        SentPacket packet = at(next);
        next++;
        if (eliciting) {
            packet.state = SentPacket.OUTSTANDING;
            lastSentNanos = packet.sentNanos;
            bytesUnderWay += packet.bytes;
            outstanding++;
        } else {
            skipSettled();
        }
    }

    private void skipSettled() {
        while (base < next && at(base).state == SentPacket.SETTLED) {
            base++;
        }
    }

    private void settle(SentPacket packet) {
        packet.state = SentPacket.SETTLED;
        bytesUnderWay -= packet.bytes;
        outstanding--;
    }

    /** True if the fate of the packet with this number is not known. */
    boolean isUnderWay(long number) {
        return number >= base && number < next && at(number).state == SentPacket.OUTSTANDING;
    }

    /** When this packet left, whose fate is not known. */
    long sentNanosOf(long number) {
        return at(number).sentNanos;
    }

    /** The path that this packet took, whose fate is not known yet. */
    int pathOf(long number) {
        return at(number).path;
    }

    /** Tells which packets have arrived. */
    void onAck(AckRanges ack, Fate fate) {
        largestAcked = Math.max(largestAcked, ack.largest(0));
        for (int i = 0; i < ack.count() && ack.largest(i) >= base; i++) {
            for (long number = Math.max(base, ack.smallest(i)); number <= ack.largest(i); number++) {
                SentPacket packet = at(number);
                if (packet.state == SentPacket.OUTSTANDING) {
                    settle(packet);
                    fate.onAcked(packet);
                }
            }
        }
        skipSettled();
    }

    /** Tells which packets are lost, given how late one may be. */
    void findLost(long lateNanos, long nowNanos, Fate fate) {
        lossNanos = Long.MAX_VALUE;
        for (long number = base; number < largestAcked; number++) {
            SentPacket packet = at(number);
            if (packet.state != SentPacket.OUTSTANDING) {
                continue;
            }
            if (number <= largestAcked - REORDERED_MAX || nowNanos - packet.sentNanos >= lateNanos) {
                settle(packet);
                fate.onLost(packet);
            } else {
                lossNanos = Math.min(lossNanos, packet.sentNanos + lateNanos);
            }
        }
        skipSettled();
    }

    /** When {@link #findLost} may find more without another acknowledgement. */
    long lossNanos() {
        return lossNanos;
    }

    /** The oldest packet whose fate is not known, or null. */
    @Nullable
    SentPacket oldest() {
        return outstanding == 0 ? null : at(base);
    }

    /** When the last packet left that is to be acknowledged. */
    long lastSentNanos() {
        return lastSentNanos;
    }

    /** Takes the oldest packet for lost. */
    void loseOldest(Fate fate) {
        SentPacket packet = oldest();
        if (packet != null) {
            settle(packet);
            fate.onLost(packet);
            skipSettled();
        }
    }

    /** All that is under way took a path that is no more: it counts for nothing but its own fate. */
    void leavePath() {
        for (long number = base; number < next; number++) {
            at(number).bytes = 0;
        }
        bytesUnderWay = 0;
    }

    /** Nothing is under way: the memory can go. */
    void free() {
        if (outstanding == 0) {
            base = next;
            Arrays.fill(ring, null);
            ring = NONE;
        }
    }
}

package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Packets that wait for their destination's route, bounded per destination and in all. When there are too many for a
 * destination its oldest is dropped; when there are too many in all, the oldest of the destination that has waited
 * longest. Confined to the loop.
 */
public final class PendingPackets {
    /** The most packets that wait for one destination. */
    public static final int PACKETS_PER_DESTINATION_MAX = 64;
    /** The most packets that wait in all. */
    public static final int PACKETS_MAX = 1024;
    /** The most bytes that wait in all. */
    public static final int BYTES_MAX = 4 << 20;

    private final LinkedHashMap<Integer, ArrayDeque<byte[]>> queues = new LinkedHashMap<>();
    private final Counter dropped;
    private int packets;
    private int bytes;

    /** An empty store that counts what it drops. */
    public PendingPackets(Counters counters) {
        dropped = counters.counter("data.drop.pending");
    }

    /** Keeps a packet, virtio header included. */
    public void add(int destination, byte[] packet) {
        ArrayDeque<byte[]> queue = queues.computeIfAbsent(destination, unused -> new ArrayDeque<>());
        queue.add(packet);
        packets++;
        bytes += packet.length;
        if (queue.size() > PACKETS_PER_DESTINATION_MAX) {
            drop(queue.poll());
        }
        while (packets > PACKETS_MAX || bytes > BYTES_MAX) {
            dropOldest();
        }
    }

    private void dropOldest() {
        Iterator<ArrayDeque<byte[]>> oldest = queues.values().iterator();
        ArrayDeque<byte[]> queue = oldest.next();
        drop(queue.poll());
        if (queue.isEmpty()) {
            oldest.remove();
        }
    }

    private void drop(byte @Nullable [] packet) {
        if (packet != null) {
            packets--;
            bytes -= packet.length;
            dropped.increment();
        }
    }

    /** Sends what waited for a destination, in order, now that its route is known. */
    public void drain(int destination, DataPlane dataPlane) {
        ArrayDeque<byte[]> queue = take(destination);
        for (byte[] packet : queue) {
            dataPlane.inject(packet);
        }
        dataPlane.flush();
    }

    /** Gives up on a destination: its packets are dropped, and their senders told that it is unreachable. */
    public void reject(int destination, DataPlane dataPlane) {
        for (byte[] packet : take(destination)) {
            dropped.increment();
            dataPlane.reject(packet);
        }
    }

    private ArrayDeque<byte[]> take(int destination) {
        ArrayDeque<byte[]> queue = queues.remove(destination);
        if (queue == null) {
            return new ArrayDeque<>();
        }
        packets -= queue.size();
        for (byte[] packet : queue) {
            bytes -= packet.length;
        }
        return queue;
    }

    /** How many packets wait. */
    public int size() {
        return packets;
    }
}

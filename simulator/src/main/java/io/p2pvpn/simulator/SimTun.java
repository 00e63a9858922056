package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.tun.TunDevice;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A device in memory: sends numbered packets, and remembers the numbers of those that came. */
final class SimTun implements TunDevice {
    private static final int IP_HEADER_BYTES = 20;
    private static final int PACKET_BYTES = IP_HEADER_BYTES + Long.BYTES;
    private static final byte EXPERIMENT = (byte) 253;

    private static final byte ICMP = 1;

    private final Timers timers;
    private final int ipv4;
    private final ArrayDeque<byte[]> fromHost = new ArrayDeque<>();
    private final List<Long> received;
    private final List<SimTun> queues = new ArrayList<>();
    private int refusals;
    private @Nullable Listener listener;
    private boolean reading;
    private boolean closed;

    SimTun(Timers timers, int ipv4) {
        this(timers, ipv4, new ArrayList<>());
    }

    private SimTun(Timers timers, int ipv4, List<Long> received) {
        this.timers = timers;
        this.ipv4 = ipv4;
        this.received = received;
    }

    /** Gives it that many parts, itself included; packets go to them in turn, by their numbers. */
    void setQueues(int count) {
        while (queues.size() < count - 1) {
            queues.add(new SimTun(timers, ipv4, received));
        }
    }

    @Override
    public List<TunDevice> queues() {
        return List.copyOf(queues);
    }

    /** The host sends a packet. */
    void send(int destination, long number) {
        int queue = (int) (number % (queues.size() + 1));
        if (queue > 0) {
            queues.get(queue - 1).queue(destination, number);
        } else {
            queue(destination, number);
        }
    }

    /** The host sends a packet, behind its virtio header. */
    void send(byte[] packet) {
        fromHost.add(packet.clone());
        timers.execute(this::poll);
    }

    private void queue(int destination, long number) {
        byte[] packet = new byte[VnetHeader.LENGTH + PACKET_BYTES];
        ByteBuffer ip = ByteBuffer.wrap(packet, VnetHeader.LENGTH, PACKET_BYTES).slice();
        ip.put(0, (byte) 0x45)
                .putShort(2, (short) PACKET_BYTES)
                .put(8, (byte) 64)
                .put(9, EXPERIMENT);
        ip.putInt(12, ipv4).putInt(16, destination).putLong(IP_HEADER_BYTES, number);
        Checksum.writeIpv4Header(packet, VnetHeader.LENGTH, IP_HEADER_BYTES);
        fromHost.add(packet);
        timers.execute(this::poll);
    }

    private void poll() {
        while (reading && !fromHost.isEmpty() && listener != null) {
            listener.onReadable();
        }
    }

    /** Numbers of the packets that came, in order. */
    List<Long> received() {
        return received;
    }

    /** How often the host was told that a packet of its has no way. */
    int refusals() {
        return refusals;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public String name() {
        return "sim0";
    }

    @Override
    public boolean hasOffloads() {
        return false;
    }

    @Override
    public boolean hasUdpSegmentation() {
        return false;
    }

    @Override
    public void setListener(Listener newListener) {
        listener = newListener;
    }

    @Override
    public int read(byte[] buffer) {
        byte[] packet = fromHost.poll();
        if (packet == null) {
            return 0;
        }
        System.arraycopy(packet, 0, buffer, 0, packet.length);
        return packet.length;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        int ip = offset + VnetHeader.LENGTH;
        if (buffer[ip + 9] == EXPERIMENT) {
            received.add(
                    ByteBuffer.wrap(buffer, ip + IP_HEADER_BYTES, Long.BYTES).getLong());
        } else if (buffer[ip + 9] == ICMP && buffer[ip] >> 4 == 4) {
            refusals++;
        }
        return true;
    }

    @Override
    public void resumeReading() {
        reading = true;
        timers.execute(this::poll);
    }

    @Override
    public void pauseReading() {
        reading = false;
    }

    @Override
    public void close() {
        closed = true;
        reading = false;
    }
}

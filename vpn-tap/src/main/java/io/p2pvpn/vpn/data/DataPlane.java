package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.FramePort;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.vpn.rules.FlowFilter;
import io.p2pvpn.vpn.tun.TunDevice;

/**
 * Moves the packets of one namespace between its device and its members' sessions.
 *
 * <p>Counts {@code data.sent.packets}, {@code data.sent.bytes}, {@code data.received.packets}, {@code
 * data.received.bytes} (IP packets) and {@code data.drop.*} by reason. Confined to one queue: the node's loop, or one
 * beside it that has a part of the device.
 */
public final class DataPlane {
    /** First byte of a frame's plaintext: an IP packet whose checksums are complete. */
    public static final int KIND_COMPLETE = 1;
    /** First byte of a frame's plaintext: an IP packet whose TCP or UDP checksum is the pseudo-header's sum only. */
    public static final int KIND_PARTIAL = 2;

    /** How many packets or super-packets are read in one turn of the loop. */
    static final int READS_PER_TURN_MAX = 32;
    /** How many bytes: what has come meanwhile is noticed only afterwards. */
    static final int BYTES_PER_TURN_MAX = 1 << 20;

    private final FramePort port;
    private final TunDevice device;
    private final UnresolvedHandler unresolved;
    private final Outbound outbound;
    private final Inbound inbound;
    private final byte[] buffer = new byte[TunDevice.READ_BYTES_MAX];
    private boolean started;
    private boolean paused;
    private boolean injected;
    /** The last turn read one packet: the next one's first will be alone too, and need not wait for the others. */
    private boolean sparse;

    /**
     * A data plane at rest.
     *
     * @param device closed by the caller
     * @param table kept up to date by the caller
     */
    public DataPlane(
            NodeRuntime runtime,
            TunDevice device,
            VirtualNetwork network,
            ForwardingTable table,
            UnresolvedHandler unresolved,
            MisdirectedHandler misdirected,
            GroupHandler groups) {
        this(
                runtime.clock(),
                runtime.counters(),
                runtime.transport(),
                device,
                network,
                table,
                unresolved,
                misdirected,
                groups);
    }

    /** One of a queue: with that queue's counters and port, its part of the device, and a table of its own. */
    public DataPlane(
            Clock clock,
            Counters counters,
            FramePort port,
            TunDevice device,
            VirtualNetwork network,
            ForwardingTable table,
            UnresolvedHandler unresolved,
            MisdirectedHandler misdirected,
            GroupHandler groups) {
        this.port = port;
        this.device = device;
        this.unresolved = unresolved;
        FlowFilter filter = new FlowFilter();
        outbound = new Outbound(clock, counters, device, network, table, unresolved, groups, filter);
        inbound = new Inbound(counters, device, network, table, misdirected, groups, filter);
    }

    /** Begins to read the device. */
    public void start() {
        started = true;
        device.resumeReading();
    }

    /** Ends reading the device, for good or until {@link #start}. */
    public void stop() {
        started = false;
        paused = false;
        device.pauseReading();
    }

    /** Packets wait in the device: for its {@link TunDevice.Listener}. */
    public void onReadable() {
        int bytes = 0;
        int reads = 0;
        for (; reads < READS_PER_TURN_MAX && bytes < BYTES_PER_TURN_MAX; reads++) {
            if (!port.isWritable() || !unresolved.hasRoom()) {
                paused = true;
                device.pauseReading();
                break;
            }
            int length = device.read(buffer);
            if (length <= 0) {
                break;
            }
            bytes += length;
            outbound.forward(buffer, length);
            if (sparse && reads == 0) {
                flush();
            }
        }
        sparse = reads == 1;
        flush();
    }

    /** The underlay takes frames again: for {@link Transport.Receiver#onWritable}. */
    public void onWritable() {
        if (paused && started) {
            paused = false;
            device.resumeReading();
        }
    }

    /**
     * A member sent a packet.
     *
     * @param from whose session it came through
     * @param kind {@link #KIND_COMPLETE} or {@link #KIND_PARTIAL}
     * @param buffer holds the packet; valid during the call only, and written to
     * @param trafficClass of the frame that it came in
     */
    public void onPacket(MemberRoute from, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        inbound.onPacket(from, kind, buffer, offset, length, trafficClass);
    }

    /**
     * As {@link #onPacket}, unless something is wrong with the packet: then it does nothing and returns false. That the
     * rules refuse it is nothing wrong: it is dropped.
     */
    public boolean offer(MemberRoute from, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        return inbound.offer(from, kind, buffer, offset, length, trafficClass);
    }

    /** No more packets for now: for {@link Transport.Receiver#onBatchEnd}. */
    public void onBatchEnd() {
        inbound.flush();
        if (injected) {
            flush();
        }
    }

    /**
     * Sends a packet that a queue has read from its part of the device; {@link #onBatchEnd} must follow.
     *
     * @param from holds virtio header and packet, which are copied
     */
    public void inject(byte[] from, int offset, int length) {
        System.arraycopy(from, offset, buffer, 0, length);
        injected = true;
        outbound.forward(buffer, length);
    }

    /**
     * Sends a packet as if it came from the device; {@link #flush} must follow.
     *
     * @param packet virtio header and packet, used up by the call
     */
    public void inject(byte[] packet) {
        outbound.forward(packet, packet.length);
    }

    /**
     * Sends a packet to a member, wherever it says it goes; {@link #flush} must follow.
     *
     * @param packet virtio header and packet, used up by the call
     */
    public void sendTo(MemberRoute member, byte[] packet) {
        outbound.sendTo(member, packet);
    }

    /** Sends what {@link #inject} gathered. */
    public void flush() {
        injected = false;
        outbound.flush();
        port.flush();
    }

    /**
     * Tells the host that a packet of its own has no way to its destination.
     *
     * @param packet virtio header and packet
     */
    public void reject(byte[] packet) {
        outbound.reject(packet, packet.length);
    }
}

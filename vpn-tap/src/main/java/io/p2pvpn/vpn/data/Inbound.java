package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.vpn.packet.Coalescer;
import io.p2pvpn.vpn.packet.EcnExit;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.rules.FlowFilter;
import io.p2pvpn.vpn.tun.TunDevice;

/** From the tunnels to the device: checks, and merging of what belongs together. Confined to one queue. */
final class Inbound {
    private final TunDevice device;
    private final VirtualNetwork network;
    private final MisdirectedHandler misdirected;
    private final GroupHandler groups;
    private final FlowFilter filter;
    private final IpPacket packet = new IpPacket();
    private final Coalescer coalescer;
    private final Counter receivedPackets;
    private final Counter receivedBytes;
    private final Counter dropMalformed;
    private final Counter dropSource;
    private final Counter dropDestination;
    private final Counter dropKind;
    private final Counter dropRule;
    private final Counter dropEcn;
    private final Counter dropDevice;

    Inbound(
            Counters counters,
            TunDevice device,
            VirtualNetwork network,
            MisdirectedHandler misdirected,
            GroupHandler groups,
            FlowFilter filter) {
        this.device = device;
        this.network = network;
        this.misdirected = misdirected;
        this.groups = groups;
        this.filter = filter;
        coalescer = new Coalescer(this::write, device.hasOffloads(), device.hasUdpSegmentation());
        receivedPackets = counters.counter("data.received.packets");
        receivedBytes = counters.counter("data.received.bytes");
        dropMalformed = counters.counter("data.drop.malformed");
        dropSource = counters.counter("data.drop.source");
        dropDestination = counters.counter("data.drop.destination");
        dropKind = counters.counter("data.drop.kind");
        dropRule = counters.counter("data.drop.rule");
        dropEcn = counters.counter("data.drop.ecn");
        dropDevice = counters.counter("data.drop.device");
    }

    /**
     * Takes a packet that nothing is wrong with, and drops one that the rules refuse; false if it is to be judged by
     * {@link #onPacket}.
     */
    boolean offer(MemberRoute from, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        boolean right = packet.parse(buffer, offset, length)
                && isFrom(from)
                && (isForUs() || isForGroup())
                && (kind == DataPlane.KIND_COMPLETE || kind == DataPlane.KIND_PARTIAL);
        if (right && !filter.admits(from.gate(), buffer, packet)) {
            dropRule.increment();
            return true;
        }
        boolean taken = right
                && EcnExit.apply(buffer, packet, trafficClass)
                && coalescer.add(buffer, packet, kind == DataPlane.KIND_PARTIAL);
        if (taken) {
            receivedPackets.increment();
            receivedBytes.add(length);
        }
        return taken;
    }

    void onPacket(MemberRoute from, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        if (!offer(from, kind, buffer, offset, length, trafficClass)) {
            refuse(from, buffer, offset, length, trafficClass);
        }
    }

    private void refuse(MemberRoute from, byte[] buffer, int offset, int length, int trafficClass) {
        if (!packet.parse(buffer, offset, length)) {
            dropMalformed.increment();
        } else if (!isFrom(from)) {
            dropSource.increment();
            if (isSourceInside()) {
                misdirected.onNotTheirs(from, packet.version() == 4 ? packet.source4() : (int) packet.source6Low());
            }
        } else if (!isForUs() && !isForGroup()) {
            boolean isForNode = isGroup() && groups.onReceived(from, buffer, packet);
            if (isForNode) {
                return;
            }
            dropDestination.increment();
            if (isDestinationInside() && !isGroup()) {
                boolean four = packet.version() == 4;
                misdirected.onNotOurs(from, four ? packet.destination4() : (int) packet.destination6Low());
            }
        } else if (!EcnExit.apply(buffer, packet, trafficClass)) {
            dropEcn.increment();
        } else {
            dropKind.increment();
        }
    }

    private boolean isFrom(MemberRoute member) {
        return packet.version() == 4
                ? packet.source4() == member.ipv4()
                : packet.source6High() == member.ulaHigh()
                        && packet.source6Low() == VirtualNetwork.ulaLow(member.ipv4());
    }

    private boolean isForUs() {
        return packet.version() == 4
                ? packet.destination4() == network.ipv4()
                : packet.destination6High() == network.ulaHigh()
                        && packet.destination6Low() == VirtualNetwork.ulaLow(network.ipv4());
    }

    private boolean isGroup() {
        return packet.version() == 4
                ? network.isGroup4(packet.destination4())
                : VirtualNetwork.isGroup6(packet.destination6High());
    }

    private boolean isForGroup() {
        return isGroup() && groups.isWanted(packet);
    }

    private boolean isSourceInside() {
        return packet.version() == 4
                ? network.ipv4Prefix().contains4(packet.source4())
                : network.isMember6(packet.source6High(), packet.source6Low());
    }

    private boolean isDestinationInside() {
        return packet.version() == 4
                ? network.ipv4Prefix().contains4(packet.destination4())
                : network.isMember6(packet.destination6High(), packet.destination6Low());
    }

    private void write(byte[] buffer, int offset, int length, int packets) {
        if (!device.write(buffer, offset, length)) {
            dropDevice.add(packets);
        }
    }

    void flush() {
        coalescer.flush();
    }
}

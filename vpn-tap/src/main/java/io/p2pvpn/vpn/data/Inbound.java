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
    private final ForwardingTable table;
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
            ForwardingTable table,
            MisdirectedHandler misdirected,
            GroupHandler groups,
            FlowFilter filter) {
        this.device = device;
        this.network = network;
        this.table = table;
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
            refuse(from, kind, buffer, offset, length, trafficClass);
        }
    }

    private void refuse(MemberRoute from, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        if (!packet.parse(buffer, offset, length)) {
            dropMalformed.increment();
        } else if (!isFrom(from)) {
            int source = packet.version() == 4 ? packet.source4() : (int) packet.source6Low();
            boolean kept = isSourceInside()
                    && misdirected.onNotTheirs(from, source, kind, buffer, offset, length, trafficClass);
            if (!kept) {
                dropSource.increment();
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
        if (packet.version() == 4) {
            return packet.source4() == member.ipv4() || isGuestOf(member, packet.source4());
        }
        long low = packet.source6Low();
        return packet.source6High() == member.ulaHigh()
                && (low == VirtualNetwork.ulaLow(member.ipv4()) || (low >>> 32 == 0 && isGuestOf(member, (int) low)));
    }

    private boolean isGuestOf(MemberRoute member, int ipv4) {
        MemberRoute guest = table.get(ipv4);
        return guest != null && guest.isOfSameMember(member);
    }

    private boolean isForUs() {
        if (packet.version() == 4) {
            return packet.destination4() == network.ipv4() || device.isBehind(packet.destination4());
        }
        long low = packet.destination6Low();
        return packet.destination6High() == network.ulaHigh()
                && (low == VirtualNetwork.ulaLow(network.ipv4()) || (low >>> 32 == 0 && device.isBehind((int) low)));
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

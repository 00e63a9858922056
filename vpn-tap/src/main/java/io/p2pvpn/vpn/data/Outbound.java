package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.vpn.packet.IcmpErrors;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.MssClamp;
import io.p2pvpn.vpn.packet.Segmenter;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.FlowFilter;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.List;

/** From the device to the tunnels: checks, look-up, segmentation, ICMP errors to the host. Confined to one queue. */
final class Outbound {
    private static final long ICMP_INTERVAL_NANOS = 10_000_000;
    private static final int ICMP_BURST = 50;
    private static final int NO_WAY = 0;

    private final Clock clock;
    private final TunDevice device;
    private final VirtualNetwork network;
    private final ForwardingTable table;
    private final UnresolvedHandler unresolved;
    private final GroupHandler groups;
    private final FlowFilter filter;
    private final SealedBatch batch;
    private final Segmenter segmenter = new Segmenter();
    private final byte[] error = new byte[VnetHeader.LENGTH + IcmpErrors.LENGTH_MAX];
    private final TokenBucket errorRate;
    private final Counter dropMalformed;
    private final Counter dropForeign;
    private final Counter dropOwn;
    private final Counter dropOutside;
    private final Counter dropTooBig;

    Outbound(
            Clock clock,
            Counters counters,
            TunDevice device,
            VirtualNetwork network,
            ForwardingTable table,
            UnresolvedHandler unresolved,
            GroupHandler groups,
            FlowFilter filter) {
        this.clock = clock;
        this.device = device;
        this.network = network;
        this.table = table;
        this.unresolved = unresolved;
        this.groups = groups;
        this.filter = filter;
        batch = new SealedBatch(counters);
        errorRate = new TokenBucket(ICMP_INTERVAL_NANOS, ICMP_BURST, clock.nanoTime());
        dropMalformed = counters.counter("data.drop.malformed");
        dropForeign = counters.counter("data.drop.foreign");
        dropOwn = counters.counter("data.drop.own");
        dropOutside = counters.counter("data.drop.outside");
        dropTooBig = counters.counter("data.drop.toobig");
    }

    /** Sends one packet behind its virtio header; the array's bytes are used up. */
    void forward(byte[] buffer, int length) {
        IpPacket packet = segmenter.packet();
        if (!segmenter.begin(buffer, 0, length, network.mtuBytes())) {
            if (segmenter.isTooBig()) {
                dropTooBig.increment();
                answer(buffer, packet, network.mtuBytes());
            } else {
                dropMalformed.increment();
            }
            return;
        }
        if (packet.version() == 4) {
            int destination = packet.destination4();
            if (network.isGroup4(destination)) {
                forwardToGroup(buffer, length, isOurs4(packet.source4()));
            } else if (isAllowed(buffer, network.ipv4Prefix().contains4(destination), isOurs4(packet.source4()))) {
                forwardTo(destination, buffer, length);
            }
        } else {
            long high = packet.destination6High();
            boolean ours = isOurs6(packet.source6High(), packet.source6Low());
            if (VirtualNetwork.isGroup6(high)) {
                forwardToGroup(buffer, length, ours);
            } else if (isAllowed(buffer, network.isMember6(high, packet.destination6Low()), ours)) {
                forwardTo((int) packet.destination6Low(), buffer, length);
            }
        }
    }

    private boolean isOurs4(int source) {
        return source == network.ipv4() || device.isBehind(source);
    }

    private boolean isOurs6(long high, long low) {
        return high == network.ulaHigh()
                && (low == VirtualNetwork.ulaLow(network.ipv4()) || (low >>> 32 == 0 && device.isBehind((int) low)));
    }

    private boolean isAllowed(byte[] buffer, boolean inside, boolean ours) {
        if (!ours) {
            dropForeign.increment();
        } else if (!inside) {
            dropOutside.increment();
            answer(buffer, segmenter.packet(), NO_WAY);
        }
        return inside && ours;
    }

    private void forwardToGroup(byte[] buffer, int length, boolean ours) {
        List<MemberRoute> members = groups.onSent(buffer, length, segmenter.packet(), ours);
        if (!members.isEmpty()) {
            copyTo(members, buffer);
        }
    }

    /** Sends one packet, behind its virtio header, to a member, wherever it says it goes. */
    void sendTo(MemberRoute member, byte[] packet) {
        if (segmenter.begin(packet, 0, packet.length, network.mtuBytes())) {
            copyTo(List.of(member), packet);
        }
    }

    /** Nobody is told that a copy does not fit: it is cut on the way, or lost where that is known to fail. */
    private void copyTo(List<MemberRoute> members, byte[] buffer) {
        byte kind = (byte) (segmenter.isPartial() ? DataPlane.KIND_PARTIAL : DataPlane.KIND_COMPLETE);
        int trafficClass = segmenter.packet().trafficClass();
        for (MemberRoute member : members) {
            filter.onSent(member.gate(), buffer, segmenter.packet());
        }
        for (int bytes = segmenter.next(); bytes > 0; bytes = segmenter.next()) {
            int at = segmenter.packetOffset() - SealedBatch.PREFIX_BYTES;
            for (MemberRoute member : members) {
                PeerTunnel tunnel = member.tunnel();
                if (tunnel.isPacketBytesKnown() && bytes > tunnel.packetBytes()) {
                    dropTooBig.increment();
                    continue;
                }
                buffer[at] = kind;
                buffer[at + 1] = (byte) tunnel.channel();
                batch.add(tunnel, buffer, at, SealedBatch.PREFIX_BYTES + bytes, trafficClass);
            }
        }
    }

    private void forwardTo(int destination, byte[] buffer, int length) {
        if (destination == network.ipv4()) {
            dropOwn.increment();
            return;
        }
        MemberRoute route = table.get(destination);
        if (route == null || !route.tunnel().isOpen()) {
            if (device.isBehind(destination)) {
                dropOwn.increment();
                return;
            }
            unresolved.onUnresolved(destination, buffer, length);
            return;
        }
        PeerTunnel tunnel = route.tunnel();
        int mtuBytes = Math.min(network.mtuBytes(), tunnel.packetBytes());
        int largest = segmenter.limit(mtuBytes);
        if (largest > mtuBytes && mustFit(tunnel, buffer, largest)) {
            dropTooBig.increment();
            answer(buffer, segmenter.packet(), mtuBytes);
            return;
        }
        filter.onSent(route.gate(), buffer, segmenter.packet());
        boolean partial = segmenter.isPartial();
        MssClamp.clamp(buffer, segmenter.packet(), partial, mtuBytes);
        byte kind = (byte) (partial ? DataPlane.KIND_PARTIAL : DataPlane.KIND_COMPLETE);
        byte channel = (byte) tunnel.channel();
        int trafficClass = segmenter.packet().trafficClass();
        for (int bytes = segmenter.next(); bytes > 0; bytes = segmenter.next()) {
            int at = segmenter.packetOffset() - SealedBatch.PREFIX_BYTES;
            buffer[at] = kind;
            buffer[at + 1] = channel;
            batch.add(tunnel, buffer, at, SealedBatch.PREFIX_BYTES + bytes, trafficClass);
        }
    }

    /** Whoever is told a size keeps to it for minutes: only what is known is told. Until then routers may cut. */
    private boolean mustFit(PeerTunnel tunnel, byte[] buffer, int bytes) {
        return tunnel.isPacketBytesKnown() && IcmpErrors.mustFit(buffer, segmenter.packet(), bytes);
    }

    /** Tells the host that a packet, behind its virtio header, has no way to its destination. */
    void reject(byte[] buffer, int length) {
        IpPacket packet = segmenter.packet();
        if (packet.parse(buffer, VnetHeader.LENGTH, length - VnetHeader.LENGTH)) {
            answer(buffer, packet, NO_WAY);
        }
    }

    /** Too big for that MTU, or NO_WAY. */
    private void answer(byte[] buffer, IpPacket packet, int mtuBytes) {
        if (!IcmpErrors.mayAnswer(buffer, packet) || !errorRate.tryTake(clock.nanoTime())) {
            return;
        }
        VnetHeader.clear(error, 0);
        int bytes = mtuBytes == NO_WAY
                ? IcmpErrors.unreachable(buffer, packet, error, VnetHeader.LENGTH)
                : IcmpErrors.tooBig(buffer, packet, mtuBytes, error, VnetHeader.LENGTH);
        device.write(error, 0, VnetHeader.LENGTH + bytes);
    }

    void flush() {
        batch.flush();
    }
}

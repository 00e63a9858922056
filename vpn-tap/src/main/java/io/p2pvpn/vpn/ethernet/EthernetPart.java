package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.tun.TapDevice;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of a TAP as the data plane wants it: a device of IP packets. What comes in was sent to us, by the station
 * that has its source address; what goes out gets the header of the station that has its destination. Confined to its
 * queue.
 */
final class EthernetPart implements TunDevice {
    static final int TYPE_IPV4 = 0x0800;
    static final int TYPE_ARP = 0x0806;
    static final int TYPE_IPV6 = 0x86dd;
    /** For local experiments (IEEE 802 section 9.2.4). */
    static final int TYPE_BEACON = 0x88b5;

    /** Frames looked at in one call that are no packets: the kernel tells again of those that wait. */
    private static final int FRAMES_PER_READ_MAX = 64;

    private static final int CONTENT = VnetHeader.LENGTH;
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    private static final int ROUTER_SOLICITATION = 133;
    private static final int NEIGHBOUR_SOLICITATION = 135;
    private static final int REDIRECT = 137;
    private static final int LINK_LOCAL_10_BITS = 0x3fa;
    private static final int DROPPED = 0;

    private final TapDevice tap;
    private final EthernetShare share;
    private final List<TunDevice> others;
    private final byte[] groupHeader = new byte[TapDevice.HEADER_BYTES];
    private final Counter dropLoop;
    private final Counter dropQuiet;
    private final Counter dropElsewhere;
    private final Counter dropReserved;
    private final Counter dropType;
    private final Counter dropMalformed;
    private final Counter dropSource;
    private final Counter dropDiscovery;
    private final Counter dropNeighbour;
    private final Counter dropControl;

    /**
     * A part.
     *
     * @param others the parts beside it that queues have; none for theirs
     */
    EthernetPart(TapDevice tap, EthernetShare share, Counters counters, List<TunDevice> others) {
        this.tap = tap;
        this.share = share;
        this.others = others;
        dropLoop = counters.counter("ethernet.drop.loop");
        dropQuiet = counters.counter("ethernet.drop.quiet");
        dropElsewhere = counters.counter("ethernet.drop.elsewhere");
        dropReserved = counters.counter("ethernet.drop.reserved");
        dropType = counters.counter("ethernet.drop.type");
        dropMalformed = counters.counter("ethernet.drop.malformed");
        dropSource = counters.counter("ethernet.drop.source");
        dropDiscovery = counters.counter("ethernet.drop.discovery");
        dropNeighbour = counters.counter("ethernet.drop.neighbour");
        dropControl = counters.counter("ethernet.drop.control");
    }

    @Override
    public List<TunDevice> queues() {
        return others;
    }

    @Override
    public boolean isBehind(int ipv4) {
        return share.neighbours().isGuest(ipv4);
    }

    // -------------------------------------------------------------------------- in

    @Override
    public int read(byte[] buffer) {
        for (int frames = 0; frames < FRAMES_PER_READ_MAX; frames++) {
            int length = tap.read(buffer);
            if (length <= 0) {
                return 0;
            }
            int packet = take(tap.frameHeader(), buffer, length);
            if (packet > 0) {
                return packet;
            }
        }
        return 0;
    }

    /** Bytes of virtio header and packet, or 0 for a frame that is none for the data plane. */
    private int take(byte[] header, byte[] buffer, int length) {
        Neighbours neighbours = share.neighbours();
        long destination = MacAddress.get(header, 0);
        long source = MacAddress.get(header, 6);
        int type = BigEndian.getShort(header, 12);
        if (source == neighbours.gatewayMac()) {
            share.onOwnFrame();
            return drop(dropLoop);
        }
        if (MacAddress.isReserved(destination)) {
            return drop(dropReserved);
        }
        if (!MacAddress.isGroup(destination) && destination != neighbours.gatewayMac()) {
            // The bridge does not know yet where that station is, and asks all its ports.
            return drop(dropElsewhere);
        }
        if (type == TYPE_BEACON) {
            return control(header, buffer, length);
        }
        if (share.isQuiet()) {
            return drop(dropQuiet);
        }
        return switch (type) {
            case TYPE_IPV4 -> take4(neighbours, source, header, buffer, length);
            case TYPE_IPV6 -> take6(neighbours, source, header, buffer, length);
            case TYPE_ARP -> control(header, buffer, length);
            default -> drop(dropType);
        };
    }

    private int take4(Neighbours neighbours, long source, byte[] header, byte[] buffer, int length) {
        if (length < CONTENT + IPV4_HEADER_BYTES) {
            return drop(dropMalformed);
        }
        int sender = BigEndian.getInt(buffer, CONTENT + 12);
        if ((sender == 0 || BigEndian.getInt(buffer, CONTENT + 16) == -1) && isDhcp(buffer, length)) {
            return control(header, buffer, length);
        }
        return neighbours.isOf(source, sender)
                ? withoutPadding(length, CONTENT + BigEndian.getShort(buffer, CONTENT + 2))
                : drop(dropSource);
    }

    /** To a server, or of one. */
    private static boolean isDhcp(byte[] buffer, int length) {
        int ports = CONTENT + (buffer[CONTENT] & 0xf) * 4;
        if (BigEndian.getByte(buffer, CONTENT + 9) != UDP || ports + Integer.BYTES > length) {
            return false;
        }
        int destination = BigEndian.getShort(buffer, ports + 2);
        return destination == DhcpMessage.SERVER_PORT || destination == DhcpMessage.CLIENT_PORT;
    }

    private int take6(Neighbours neighbours, long source, byte[] header, byte[] buffer, int length) {
        if (length < CONTENT + IPV6_HEADER_BYTES) {
            return drop(dropMalformed);
        }
        if (BigEndian.getByte(buffer, CONTENT + 6) == ICMPV6 && length > CONTENT + IPV6_HEADER_BYTES) {
            int type = BigEndian.getByte(buffer, CONTENT + IPV6_HEADER_BYTES);
            if (type == NEIGHBOUR_SOLICITATION) {
                return control(header, buffer, length);
            }
            if (type >= ROUTER_SOLICITATION && type <= REDIRECT) {
                return drop(dropDiscovery);
            }
        }
        long high = BigEndian.getLong(buffer, CONTENT + 8);
        long low = BigEndian.getLong(buffer, CONTENT + 16);
        boolean leased = high == neighbours.ulaHigh() && low >>> 32 == 0 && neighbours.isOf(source, (int) low);
        if (!leased && !isOfLinkToGroup(buffer, high, low)) {
            return drop(dropSource);
        }
        return withoutPadding(length, CONTENT + IPV6_HEADER_BYTES + BigEndian.getShort(buffer, CONTENT + 4));
    }

    /** What a station says to a group before, or without, having an address of the namespace: MLD (RFC 3810). */
    private static boolean isOfLinkToGroup(byte[] buffer, long sourceHigh, long sourceLow) {
        boolean group = buffer[CONTENT + 24] == (byte) 0xff;
        return group && (sourceHigh >>> 54 == LINK_LOCAL_10_BITS || (sourceHigh | sourceLow) == 0);
    }

    /** Frames of less than 46 bytes are filled up on cables. */
    private static int withoutPadding(int length, int packetEnd) {
        return packetEnd > CONTENT + IPV4_HEADER_BYTES - 1 && packetEnd < length ? packetEnd : length;
    }

    private int control(byte[] header, byte[] buffer, int length) {
        if (!share.onControl(header, buffer, length)) {
            dropControl.increment();
        }
        return DROPPED;
    }

    private static int drop(Counter reason) {
        reason.increment();
        return DROPPED;
    }

    // ------------------------------------------------------------------------- out

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        if (share.isQuiet()) {
            dropQuiet.increment();
            return false;
        }
        byte[] header = headerOf(share.neighbours(), buffer, offset + VnetHeader.LENGTH);
        if (header == null) {
            dropNeighbour.increment();
            return false;
        }
        return tap.write(header, buffer, offset, length);
    }

    private byte @Nullable [] headerOf(Neighbours neighbours, byte[] buffer, int packet) {
        if (BigEndian.getByte(buffer, packet) >> 4 == 4) {
            int destination = BigEndian.getInt(buffer, packet + 16);
            if (destination >>> 28 == 0xe) {
                return group(neighbours, MacAddress.ofGroup4(destination), TYPE_IPV4);
            }
            return neighbours.isBroadcast(destination)
                    ? group(neighbours, MacAddress.BROADCAST, TYPE_IPV4)
                    : neighbours.header4(destination);
        }
        return buffer[packet + 24] == (byte) 0xff
                ? group(neighbours, MacAddress.ofGroup6(BigEndian.getInt(buffer, packet + 36)), TYPE_IPV6)
                : neighbours.header6(BigEndian.getInt(buffer, packet + 36));
    }

    private byte[] group(Neighbours neighbours, long destination, int type) {
        MacAddress.put(groupHeader, 0, destination);
        MacAddress.put(groupHeader, 6, neighbours.gatewayMac());
        BigEndian.putShort(groupHeader, 12, type);
        return groupHeader;
    }

    // --------------------------------------------------------------- the TAP's own

    @Override
    public String name() {
        return tap.name();
    }

    @Override
    public boolean hasOffloads() {
        return tap.hasOffloads();
    }

    @Override
    public boolean hasUdpSegmentation() {
        return tap.hasUdpSegmentation();
    }

    @Override
    public void setListener(Listener listener) {
        tap.setListener(listener);
    }

    @Override
    public void resumeReading() {
        tap.resumeReading();
    }

    @Override
    public void pauseReading() {
        tap.pauseReading();
    }

    @Override
    public void close() {
        tap.close();
    }
}

package io.p2pvpn.vpn.packet;

/**
 * A number that all packets of a flow have in common, in both directions: of the two addresses and, for TCP and UDP,
 * the two ports. It tells no more flows apart than the kernel's symmetric flow hash does, so that what is decided by it
 * never contradicts itself in the kernel's table of flows.
 */
public final class FlowHash {
    /** The number of all packets without ports: other protocols, fragments, IPv6 with extension headers. */
    public static final int PORTLESS = -1;

    private FlowHash() {}

    /**
     * The number of an IP packet.
     *
     * @return 0 or more, well spread; {@link #PORTLESS} for what has no ports, or is no IP packet
     */
    public static int of(byte[] buffer, int offset, int length) {
        if (length < IpPacket.IPV4_HEADER_LENGTH) {
            return PORTLESS;
        }
        int version = BigEndian.getByte(buffer, offset) >> 4;
        return version == 4 ? of4(buffer, offset, length) : version == 6 ? of6(buffer, offset, length) : PORTLESS;
    }

    private static int of4(byte[] buffer, int offset, int length) {
        int headerLength = (buffer[offset] & 0xf) * 4;
        int flags = BigEndian.getShort(buffer, offset + IpPacket.IPV4_FLAGS_OFFSET);
        int protocol = BigEndian.getByte(buffer, offset + IpPacket.IPV4_PROTOCOL_OFFSET);
        if ((flags & IpPacket.IPV4_FRAGMENT_MASK) != 0
                || !hasPorts(protocol)
                || headerLength + Integer.BYTES > length) {
            return PORTLESS;
        }
        long source = BigEndian.getInt(buffer, offset + IpPacket.IPV4_SOURCE_OFFSET);
        long destination = BigEndian.getInt(buffer, offset + IpPacket.IPV4_DESTINATION_OFFSET);
        return of(source, destination, buffer, offset + headerLength);
    }

    private static int of6(byte[] buffer, int offset, int length) {
        if (length < IpPacket.IPV6_HEADER_LENGTH + Integer.BYTES
                || !hasPorts(BigEndian.getByte(buffer, offset + IpPacket.IPV6_NEXT_HEADER_OFFSET))) {
            return PORTLESS;
        }
        int source = offset + IpPacket.IPV6_SOURCE_OFFSET;
        int destination = offset + IpPacket.IPV6_DESTINATION_OFFSET;
        return of(
                mix(BigEndian.getLong(buffer, source)) + BigEndian.getLong(buffer, source + 8),
                mix(BigEndian.getLong(buffer, destination)) + BigEndian.getLong(buffer, destination + 8),
                buffer,
                offset + IpPacket.IPV6_HEADER_LENGTH);
    }

    private static boolean hasPorts(int protocol) {
        return protocol == IpPacket.PROTOCOL_TCP || protocol == IpPacket.PROTOCOL_UDP;
    }

    /** A sum, so that it does not matter which end is which. */
    private static int of(long source, long destination, byte[] buffer, int portsAt) {
        long one = mix(source << 16 ^ BigEndian.getShort(buffer, portsAt) ^ source >>> 48);
        long other = mix(destination << 16 ^ BigEndian.getShort(buffer, portsAt + 2) ^ destination >>> 48);
        return (int) (mix(one + other) >>> 33);
    }

    /** SplittableRandom's finaliser (Steele, Lea, Flood, OOPSLA 2014): each bit depends on all. */
    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}

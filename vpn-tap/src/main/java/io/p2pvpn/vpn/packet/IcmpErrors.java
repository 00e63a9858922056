package io.p2pvpn.vpn.packet;

import java.util.Arrays;

/**
 * Builds ICMP errors (RFC 792, RFC 1191; RFC 4443) about a packet. The caller limits their rate (RFC 1812 section
 * 4.3.2.8, RFC 4443 section 2.4).
 *
 * <p>Each error goes to the packet's source and comes from the packet's destination: a kernel refuses packets that
 * claim to come from its own address, and no other router address exists.
 */
public final class IcmpErrors {
    /** The most bytes of one error packet: IPv6's minimum MTU, above IPv4's 576. */
    public static final int LENGTH_MAX = 1280;

    private static final int IPV6_MTU_MIN = 1280;
    private static final int IPV4_DONT_FRAGMENT = 0x40;
    private static final int LENGTH_4_MAX = 576;
    private static final int ICMP_HEADER_LENGTH = 8;
    private static final int HOP_LIMIT = 64;
    private static final int TYPE_4_UNREACHABLE = 3;
    private static final int CODE_4_HOST = 1;
    private static final int CODE_4_FRAGMENTATION_NEEDED = 4;
    private static final int TYPE_6_UNREACHABLE = 1;
    private static final int CODE_6_ADDRESS = 3;
    private static final int TYPE_6_TOO_BIG = 2;
    private static final int TYPE_6_ERROR_MAX = 127;

    private IcmpErrors() {}

    /** Whether an error may be sent about the packet: never about errors, multicast, broadcast or later fragments. */
    public static boolean mayAnswer(byte[] buffer, IpPacket packet) {
        int transport = packet.transportOffset();
        if (packet.version() == 4) {
            boolean laterFragment =
                    (BigEndian.getShort(buffer, packet.offset() + IpPacket.IPV4_FLAGS_OFFSET) & 0x1fff) != 0;
            boolean icmp = packet.protocol() == IpPacket.PROTOCOL_ICMP;
            return !laterFragment
                    && (packet.destination4() >>> 28) < 0xe
                    && (packet.source4() >>> 28) < 0xe
                    && packet.source4() != 0
                    && (!icmp || (packet.transportLength() > 0 && isQuery4(buffer[transport])));
        }
        boolean icmp6 = packet.protocol() == IpPacket.PROTOCOL_ICMPV6;
        return packet.destination6High() >>> 56 != 0xff
                && packet.source6High() >>> 56 != 0xff
                && (packet.source6High() | packet.source6Low()) != 0
                && (!icmp6
                        || (packet.transportLength() > 0 && BigEndian.getByte(buffer, transport) > TYPE_6_ERROR_MAX));
    }

    /**
     * True if a packet of that size is to be answered where it does not fit, rather than sent on in pieces: "don't
     * fragment" is set, or it is IPv6 and longer than what every link must carry (RFC 2473 section 7.1).
     */
    public static boolean mustFit(byte[] buffer, IpPacket packet, int bytes) {
        return packet.version() == 4
                ? (buffer[packet.offset() + IpPacket.IPV4_FLAGS_OFFSET] & IPV4_DONT_FRAGMENT) != 0
                : bytes > IPV6_MTU_MIN;
    }

    private static boolean isQuery4(int type) {
        return type == 0 || type == 8 || (type >= 13 && type <= 18);
    }

    /**
     * The packet is larger than {@code mtuBytes}: fragmentation needed, or packet too big.
     *
     * @return bytes of the error written to {@code out}, at most {@link #LENGTH_MAX}
     */
    public static int tooBig(byte[] buffer, IpPacket packet, int mtuBytes, byte[] out, int outOffset) {
        return packet.version() == 4
                ? write4(buffer, packet, CODE_4_FRAGMENTATION_NEEDED, mtuBytes & 0xffff, out, outOffset)
                : write6(buffer, packet, TYPE_6_TOO_BIG, 0, Math.max(IPV6_MTU_MIN, mtuBytes), out, outOffset);
    }

    /** Nobody has the packet's destination address: host, or address, unreachable. */
    public static int unreachable(byte[] buffer, IpPacket packet, byte[] out, int outOffset) {
        return packet.version() == 4
                ? write4(buffer, packet, CODE_4_HOST, 0, out, outOffset)
                : write6(buffer, packet, TYPE_6_UNREACHABLE, CODE_6_ADDRESS, 0, out, outOffset);
    }

    private static int write4(byte[] buffer, IpPacket packet, int code, int word, byte[] out, int at) {
        int header = IpPacket.IPV4_HEADER_LENGTH;
        int quoted = Math.min(packet.length(), LENGTH_4_MAX - header - ICMP_HEADER_LENGTH);
        int total = header + ICMP_HEADER_LENGTH + quoted;
        Arrays.fill(out, at, at + header + ICMP_HEADER_LENGTH, (byte) 0);
        out[at] = 0x45;
        BigEndian.putShort(out, at + IpPacket.IPV4_TOTAL_LENGTH_OFFSET, total);
        out[at + IpPacket.IPV4_TTL_OFFSET] = HOP_LIMIT;
        out[at + IpPacket.IPV4_PROTOCOL_OFFSET] = IpPacket.PROTOCOL_ICMP;
        BigEndian.putInt(out, at + IpPacket.IPV4_SOURCE_OFFSET, packet.destination4());
        BigEndian.putInt(out, at + IpPacket.IPV4_DESTINATION_OFFSET, packet.source4());
        Checksum.writeIpv4Header(out, at, header);
        writeIcmp(TYPE_4_UNREACHABLE, code, word, out, at + header);
        System.arraycopy(buffer, packet.offset(), out, at + header + ICMP_HEADER_LENGTH, quoted);
        BigEndian.putShort(out, at + header + 2, Checksum.compute(out, at + header, total - header, 0));
        return total;
    }

    private static int write6(byte[] buffer, IpPacket packet, int type, int code, int word, byte[] out, int at) {
        int header = IpPacket.IPV6_HEADER_LENGTH;
        int quoted = Math.min(packet.length(), LENGTH_MAX - header - ICMP_HEADER_LENGTH);
        int payload = ICMP_HEADER_LENGTH + quoted;
        Arrays.fill(out, at, at + header + ICMP_HEADER_LENGTH, (byte) 0);
        out[at] = 0x60;
        BigEndian.putShort(out, at + IpPacket.IPV6_PAYLOAD_LENGTH_OFFSET, payload);
        out[at + IpPacket.IPV6_NEXT_HEADER_OFFSET] = IpPacket.PROTOCOL_ICMPV6;
        out[at + IpPacket.IPV6_HOP_LIMIT_OFFSET] = HOP_LIMIT;
        System.arraycopy(
                buffer, packet.offset() + IpPacket.IPV6_DESTINATION_OFFSET, out, at + IpPacket.IPV6_SOURCE_OFFSET, 16);
        System.arraycopy(
                buffer, packet.offset() + IpPacket.IPV6_SOURCE_OFFSET, out, at + IpPacket.IPV6_DESTINATION_OFFSET, 16);
        writeIcmp(type, code, word, out, at + header);
        System.arraycopy(buffer, packet.offset(), out, at + header + ICMP_HEADER_LENGTH, quoted);
        long pseudoHeader = Checksum.pseudoHeader6(out, at, IpPacket.PROTOCOL_ICMPV6, payload);
        BigEndian.putShort(out, at + header + 2, Checksum.compute(out, at + header, payload, pseudoHeader));
        return header + payload;
    }

    private static void writeIcmp(int type, int code, int word, byte[] out, int at) {
        out[at] = (byte) type;
        out[at + 1] = (byte) code;
        BigEndian.putInt(out, at + 4, word);
    }
}

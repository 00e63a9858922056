package io.p2pvpn.vpn.packet;

/** Which flow a packet belongs to, read from behind its IP headers. Mutable and reused; confined to one thread. */
public final class PacketFlow {
    /** What a packet is to those who track flows. */
    public enum Kind {
        /** TCP or UDP, with its ports. */
        PORTS,
        /** Another protocol, all of which is one flow between two hosts. */
        PORTLESS,
        /** An ICMP echo request; both ports are its identifier, as they are in the reply. */
        ECHO_REQUEST,
        /** An ICMP echo reply. */
        ECHO_REPLY,
        /** An ICMP error, which quotes the packet that it is about. */
        ICMP_ERROR,
        /** Other ICMP. */
        ICMP,
        /** A fragment without the transport header. */
        LATER_FRAGMENT,
        /** A TCP, UDP or ICMP header that is not whole, or a fragment that could overwrite part of it. */
        BROKEN
    }

    private static final int ICMP_HEADER_LENGTH = 8;
    private static final int ICMP_ID_OFFSET = 4;
    /** A TCP fragment at this offset could replace the flags of the first one (RFC 1858 section 3.2). */
    private static final int TCP_FLAGS_FRAGMENT = 8;

    private Kind kind = Kind.BROKEN;
    private int version;
    private int protocol;
    private int sourcePort;
    private int destinationPort;
    private int tcpFlags;

    /** Reads the packet whose parsed headers {@code packet} holds. */
    public void read(byte[] buffer, IpPacket packet) {
        version = packet.version();
        if (packet.isFragment() && packet.fragmentOffset() > 0) {
            protocol = packet.protocol();
            boolean overwriting = protocol == IpPacket.PROTOCOL_TCP && packet.fragmentOffset() == TCP_FLAGS_FRAGMENT;
            kind = overwriting ? Kind.BROKEN : Kind.LATER_FRAGMENT;
            return;
        }
        readTransport(buffer, packet.protocol(), packet.transportOffset(), packet.transportLength());
    }

    private void readTransport(byte[] buffer, int transport, int at, int length) {
        protocol = transport;
        tcpFlags = 0;
        sourcePort = 0;
        destinationPort = 0;
        if (transport == IpPacket.PROTOCOL_TCP || transport == IpPacket.PROTOCOL_UDP) {
            boolean tcp = transport == IpPacket.PROTOCOL_TCP;
            kind = length < (tcp ? IpPacket.TCP_HEADER_LENGTH : IpPacket.UDP_HEADER_LENGTH) ? Kind.BROKEN : Kind.PORTS;
            if (kind == Kind.PORTS) {
                sourcePort = BigEndian.getShort(buffer, at);
                destinationPort = BigEndian.getShort(buffer, at + 2);
                tcpFlags = tcp ? BigEndian.getByte(buffer, at + IpPacket.TCP_FLAGS_OFFSET) : 0;
            }
        } else if (transport == (version == 4 ? IpPacket.PROTOCOL_ICMP : IpPacket.PROTOCOL_ICMPV6)) {
            kind = length < ICMP_HEADER_LENGTH ? Kind.BROKEN : icmpKind(BigEndian.getByte(buffer, at));
            if (kind == Kind.ECHO_REQUEST || kind == Kind.ECHO_REPLY) {
                sourcePort = BigEndian.getShort(buffer, at + ICMP_ID_OFFSET);
                destinationPort = sourcePort;
            }
        } else {
            kind = Kind.PORTLESS;
        }
    }

    private Kind icmpKind(int type) {
        return switch (version == 4 ? type : type | 0x100) {
            case 8, 0x100 | 128 -> Kind.ECHO_REQUEST;
            case 0, 0x100 | 129 -> Kind.ECHO_REPLY;
            case 3, 11, 12, 0x100 | 1, 0x100 | 2, 0x100 | 3, 0x100 | 4 -> Kind.ICMP_ERROR;
            default -> Kind.ICMP;
        };
    }

    /**
     * Reads the packet that an ICMP error quotes.
     *
     * @param packet the error
     * @return false if that is no packet from the error's receiver to its sender, or not enough of one
     */
    public boolean readQuoted(byte[] buffer, IpPacket packet) {
        int at = packet.transportOffset() + ICMP_HEADER_LENGTH;
        int length = packet.transportLength() - ICMP_HEADER_LENGTH;
        boolean four = version == 4;
        int headerLength = four && length > 0 ? (buffer[at] & 0xf) * 4 : IpPacket.IPV6_HEADER_LENGTH;
        if (length < headerLength + ICMP_HEADER_LENGTH
                || headerLength < IpPacket.IPV4_HEADER_LENGTH
                || BigEndian.getByte(buffer, at) >> 4 != version
                || !(four ? isReturned4(buffer, at, packet) : isReturned6(buffer, at, packet))) {
            return false;
        }
        int transport = BigEndian.getByte(
                buffer, at + (four ? IpPacket.IPV4_PROTOCOL_OFFSET : IpPacket.IPV6_NEXT_HEADER_OFFSET));
        // Of TCP routers need not quote more than the ports and the sequence number (RFC 792).
        if (transport == IpPacket.PROTOCOL_TCP) {
            readTransport(buffer, IpPacket.PROTOCOL_UDP, at + headerLength, length - headerLength);
            protocol = transport;
        } else {
            readTransport(buffer, transport, at + headerLength, length - headerLength);
        }
        return kind == Kind.PORTS || kind == Kind.PORTLESS || kind == Kind.ECHO_REQUEST;
    }

    private static boolean isReturned4(byte[] buffer, int at, IpPacket error) {
        return (BigEndian.getShort(buffer, at + IpPacket.IPV4_FLAGS_OFFSET) & IpPacket.IPV4_FRAGMENT_OFFSET_MASK) == 0
                && BigEndian.getInt(buffer, at + IpPacket.IPV4_SOURCE_OFFSET) == error.destination4()
                && BigEndian.getInt(buffer, at + IpPacket.IPV4_DESTINATION_OFFSET) == error.source4();
    }

    private static boolean isReturned6(byte[] buffer, int at, IpPacket error) {
        int source = at + IpPacket.IPV6_SOURCE_OFFSET;
        int destination = at + IpPacket.IPV6_DESTINATION_OFFSET;
        return BigEndian.getLong(buffer, source) == error.destination6High()
                && BigEndian.getLong(buffer, source + 8) == error.destination6Low()
                && BigEndian.getLong(buffer, destination) == error.source6High()
                && BigEndian.getLong(buffer, destination + 8) == error.source6Low();
    }

    /** What the packet is. */
    public Kind kind() {
        return kind;
    }

    /** Protocol number of the transport header. */
    public int protocol() {
        return protocol;
    }

    /** IP version times 256 plus protocol. */
    public int family() {
        return version << 8 | protocol;
    }

    /** The port of the sender; an echo's identifier; 0 for what has none. */
    public int sourcePort() {
        return sourcePort;
    }

    /** The port of the receiver; an echo's identifier; 0 for what has none. */
    public int destinationPort() {
        return destinationPort;
    }

    /** True for the packet that begins a TCP connection: SYN without ACK. */
    public boolean isBegin() {
        return (tcpFlags & (IpPacket.TCP_FLAG_SYN | IpPacket.TCP_FLAG_ACK | IpPacket.TCP_FLAG_RST))
                == IpPacket.TCP_FLAG_SYN;
    }

    /** True for TCP that accepts or refuses a connection that the receiver wants: SYN and ACK, or RST. */
    public boolean isAnswer() {
        return !isBegin() && (tcpFlags & (IpPacket.TCP_FLAG_SYN | IpPacket.TCP_FLAG_RST)) != 0;
    }

    /** True for TCP with FIN: the sender sends no more. */
    public boolean isFinish() {
        return (tcpFlags & IpPacket.TCP_FLAG_FIN) != 0;
    }

    /** True for TCP with RST: the connection is over. */
    public boolean isReset() {
        return (tcpFlags & IpPacket.TCP_FLAG_RST) != 0;
    }
}

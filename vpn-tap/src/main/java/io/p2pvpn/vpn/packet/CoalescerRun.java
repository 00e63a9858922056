package io.p2pvpn.vpn.packet;

import java.util.Arrays;

/** The packets of one flow gathered so far: a super-packet in the making behind room for its virtio header. */
final class CoalescerRun {
    /** The most packets of one run; the kernel takes more for TCP, UDP_MAX_SEGMENTS of older kernels is 64. */
    static final int PACKETS_MAX = 64;

    private static final int IP_AT = VnetHeader.LENGTH;

    private final byte[] buffer = new byte[VnetHeader.LENGTH + IpPacket.LENGTH_MAX];
    private int version;
    private int protocol;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int ports;
    private int transportAt;
    private int headersLength;
    private int segmentBytes;
    private int length;
    private int packets;
    private int nextSequence;
    private int firstId;
    private boolean ended;

    /** Begins with a packet whose IP header has no options and that has payload. */
    void start(byte[] from, IpPacket packet) {
        length = packet.length();
        System.arraycopy(from, packet.offset(), buffer, IP_AT, length);
        version = packet.version();
        protocol = packet.protocol();
        sourceHigh = packet.source6High();
        sourceLow = packet.source6Low();
        destinationHigh = packet.destination6High();
        destinationLow = packet.destination6Low();
        headersLength = packet.headersLength();
        transportAt = IP_AT + packet.transportOffset() - packet.offset();
        ports = BigEndian.getInt(buffer, transportAt);
        segmentBytes = packet.payloadLength();
        packets = 1;
        ended = false;
        firstId = version == 4 ? BigEndian.getShort(buffer, IP_AT + IpPacket.IPV4_ID_OFFSET) : 0;
        nextSequence = BigEndian.getInt(buffer, transportAt + IpPacket.TCP_SEQUENCE_OFFSET) + segmentBytes;
    }

    boolean isSameFlow(IpPacket packet, int ports) {
        return this.ports == ports
                && destinationLow == packet.destination6Low()
                && sourceLow == packet.source6Low()
                && protocol == packet.protocol()
                && version == packet.version()
                && sourceHigh == packet.source6High()
                && destinationHigh == packet.destination6High();
    }

    /** True when the run takes no more packets. */
    boolean isEnded() {
        return ended;
    }

    /** Appends the next packet of the same flow; false, and nothing changed, when it does not continue the run. */
    boolean append(byte[] from, IpPacket packet) {
        int payload = packet.payloadLength();
        if (ended
                || packet.headersLength() != headersLength
                || payload > segmentBytes
                || length + payload > IpPacket.LENGTH_MAX
                || !hasSameIpHeader(from, packet.offset())
                || (protocol == IpPacket.PROTOCOL_TCP && !continuesTcp(from, packet.transportOffset()))) {
            return false;
        }
        System.arraycopy(from, packet.offset() + headersLength, buffer, IP_AT + length, payload);
        length += payload;
        nextSequence += payload;
        packets++;
        ended = packets == PACKETS_MAX || payload < segmentBytes || Coalescer.endsRun(from, packet);
        if (protocol == IpPacket.PROTOCOL_TCP) {
            buffer[transportAt + IpPacket.TCP_FLAGS_OFFSET] =
                    from[packet.transportOffset() + IpPacket.TCP_FLAGS_OFFSET];
        }
        return true;
    }

    private boolean hasSameIpHeader(byte[] from, int at) {
        if (version == 6) {
            return BigEndian.getInt(from, at) == BigEndian.getInt(buffer, IP_AT)
                    && from[at + IpPacket.IPV6_HOP_LIMIT_OFFSET] == buffer[IP_AT + IpPacket.IPV6_HOP_LIMIT_OFFSET];
        }
        int flags = BigEndian.getShort(from, at + IpPacket.IPV4_FLAGS_OFFSET);
        int id = BigEndian.getShort(from, at + IpPacket.IPV4_ID_OFFSET);
        // The identification means nothing under "don't fragment" (RFC 6864 section 4.1).
        return from[at + IpPacket.IPV4_TOS_OFFSET] == buffer[IP_AT + IpPacket.IPV4_TOS_OFFSET]
                && from[at + IpPacket.IPV4_TTL_OFFSET] == buffer[IP_AT + IpPacket.IPV4_TTL_OFFSET]
                && flags == BigEndian.getShort(buffer, IP_AT + IpPacket.IPV4_FLAGS_OFFSET)
                && ((flags & IpPacket.IPV4_FLAG_DONT_FRAGMENT) != 0 || id == (firstId + packets & 0xffff));
    }

    private boolean continuesTcp(byte[] from, int at) {
        int ending = IpPacket.TCP_FLAG_PSH | IpPacket.TCP_FLAG_FIN;
        int flagsChanged = from[at + IpPacket.TCP_FLAGS_OFFSET] ^ buffer[transportAt + IpPacket.TCP_FLAGS_OFFSET];
        int optionsAt = at + IpPacket.TCP_HEADER_LENGTH;
        int optionsEnd = optionsAt + headersLength - (transportAt - IP_AT) - IpPacket.TCP_HEADER_LENGTH;
        return BigEndian.getInt(from, at + IpPacket.TCP_SEQUENCE_OFFSET) == nextSequence
                && BigEndian.getInt(from, at + IpPacket.TCP_ACK_OFFSET)
                        == BigEndian.getInt(buffer, transportAt + IpPacket.TCP_ACK_OFFSET)
                && from[at + IpPacket.TCP_DATA_OFFSET_OFFSET] == buffer[transportAt + IpPacket.TCP_DATA_OFFSET_OFFSET]
                && BigEndian.getShort(from, at + IpPacket.TCP_WINDOW_OFFSET)
                        == BigEndian.getShort(buffer, transportAt + IpPacket.TCP_WINDOW_OFFSET)
                && (flagsChanged & ~ending) == 0
                && Arrays.equals(
                        from,
                        optionsAt,
                        optionsEnd,
                        buffer,
                        transportAt + IpPacket.TCP_HEADER_LENGTH,
                        IP_AT + headersLength);
    }

    /** Finishes headers and checksums and hands the packet over; the run may be started anew afterwards. */
    void writeTo(Coalescer.Writer writer) {
        boolean tcp = protocol == IpPacket.PROTOCOL_TCP;
        int checksumOffset = tcp ? IpPacket.TCP_CHECKSUM_OFFSET : IpPacket.UDP_CHECKSUM_OFFSET;
        VnetHeader.writePartial(buffer, 0, transportAt - IP_AT, checksumOffset);
        if (packets > 1) {
            int tcpType = version == 4 ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6;
            VnetHeader.writeGso(buffer, 0, tcp ? tcpType : VnetHeader.GSO_UDP_L4, headersLength, segmentBytes);
            writeLengths(tcp, checksumOffset);
        }
        writer.write(buffer, 0, IP_AT + length, packets);
    }

    private void writeLengths(boolean tcp, int checksumOffset) {
        int transportLength = IP_AT + length - transportAt;
        if (version == 4) {
            BigEndian.putShort(buffer, IP_AT + IpPacket.IPV4_TOTAL_LENGTH_OFFSET, length);
            Checksum.writeIpv4Header(buffer, IP_AT, transportAt - IP_AT);
        } else {
            BigEndian.putShort(buffer, IP_AT + IpPacket.IPV6_PAYLOAD_LENGTH_OFFSET, transportLength);
        }
        if (!tcp) {
            BigEndian.putShort(buffer, transportAt + IpPacket.UDP_LENGTH_OFFSET, transportLength);
        }
        long pseudoHeader = Checksum.pseudoHeader(buffer, IP_AT, protocol, transportLength);
        BigEndian.putShort(buffer, transportAt + checksumOffset, Checksum.fold(pseudoHeader));
    }
}

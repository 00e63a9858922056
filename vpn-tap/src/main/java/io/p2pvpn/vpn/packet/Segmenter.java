package io.p2pvpn.vpn.packet;

/**
 * Cuts what a device hands over into IP packets that each stand alone.
 *
 * <p>Works in place: the headers of each segment are written in front of its payload, over the payload of the segment
 * before, so that no payload is copied. The caller is done with a segment before it asks for the next one, and finds
 * {@link #HEADROOM} writable bytes in front of each. Every segment of a super-packet has its own lengths, IPv4
 * identification and header checksum, TCP sequence number and flags, and a partial checksum over its own length.
 *
 * <pre>
 *   if (segmenter.begin(buffer, offset, length, mtuBytes)) {
 *       for (int n = segmenter.next(); n &gt; 0; n = segmenter.next()) {
 *           use(buffer, segmenter.packetOffset(), n, segmenter.isPartial());
 *       }
 *   }
 * </pre>
 *
 * <p>Confined to one thread.
 */
public final class Segmenter {
    /** Bytes in front of each segment that the caller may overwrite. */
    public static final int HEADROOM = VnetHeader.LENGTH;

    /** The longest chain of headers that a super-packet may have. */
    private static final int HEADERS_BYTES_MAX = 512;

    private final IpPacket packet = new IpPacket();
    private final byte[] headers = new byte[HEADERS_BYTES_MAX];
    private byte[] buffer = headers;
    private boolean tooBig;
    private boolean partial;
    private boolean segmented;
    private int segmentBytes;
    private int payloadAt;
    private int end;
    private int index;
    private int packetOffset;
    private int headersLength;
    private int transportAt;
    private long addressesSum;
    private int flagsOfAll;
    private int flagsOfFirst;
    private int flagsOfLast;
    private int firstId;
    private int firstSequence;

    /**
     * Starts with a virtio header at {@code offset} and the packet behind it, {@code length} bytes together.
     *
     * @param mtuBytes the most bytes of one packet: TCP is cut finer when its segments would be larger
     * @return false when there is nothing to cut: inconsistent, or {@link #isTooBig}
     */
    public boolean begin(byte[] buffer, int offset, int length, int mtuBytes) {
        this.buffer = buffer;
        tooBig = false;
        index = 0;
        packetOffset = offset + VnetHeader.LENGTH;
        if (length <= VnetHeader.LENGTH || !packet.parse(buffer, packetOffset, length - VnetHeader.LENGTH)) {
            return false;
        }
        int gsoType = VnetHeader.gsoType(buffer, offset);
        segmented = gsoType != VnetHeader.GSO_NONE;
        return segmented
                ? beginGso(gsoType & ~VnetHeader.GSO_ECN, VnetHeader.gsoSize(buffer, offset), mtuBytes)
                : beginPlain(offset, mtuBytes);
    }

    private boolean beginPlain(int vnetOffset, int mtuBytes) {
        tooBig = packet.length() > mtuBytes;
        partial = false;
        return !tooBig
                && ((VnetHeader.flags(buffer, vnetOffset) & VnetHeader.FLAG_NEEDS_CSUM) == 0
                        || beginPartial(
                                vnetOffset,
                                VnetHeader.csumStart(buffer, vnetOffset),
                                VnetHeader.csumOffset(buffer, vnetOffset)));
    }

    /** A partial checksum elsewhere (a packet inside a packet) is nothing a receiver could know of: completed here. */
    private boolean beginPartial(int vnetOffset, int csumStart, int csumOffset) {
        int start = packet.offset() + csumStart;
        partial = start == packet.transportOffset() && csumOffset == packet.checksumOffset();
        if (!partial) {
            int limit = packet.offset() + packet.length();
            if (start + csumOffset + Short.BYTES > limit) {
                return false;
            }
            Checksum.complete(buffer, start, limit, start + csumOffset);
            VnetHeader.clear(buffer, vnetOffset);
        }
        return true;
    }

    private boolean beginGso(int type, int gsoSize, int mtuBytes) {
        headersLength = packet.headersLength();
        boolean tcp = packet.protocol() == IpPacket.PROTOCOL_TCP;
        boolean typeFits = type == VnetHeader.GSO_UDP_L4
                ? !tcp
                : tcp && type == (packet.version() == 4 ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6);
        if (!typeFits
                || packet.transportHeaderLength() == 0
                || headersLength > HEADERS_BYTES_MAX
                || packet.payloadLength() == 0
                || gsoSize == 0) {
            return false;
        }
        int room = mtuBytes - headersLength;
        int largest = Math.min(gsoSize, packet.payloadLength());
        tooBig = room <= 0 || (!tcp && largest > room);
        if (tooBig) {
            return false;
        }
        partial = true;
        segmentBytes = Math.min(gsoSize, room);
        payloadAt = packet.offset() + headersLength;
        end = packet.offset() + packet.length();
        transportAt = packet.transportOffset() - packet.offset();
        System.arraycopy(buffer, packet.offset(), headers, 0, headersLength);
        addressesSum = Checksum.pseudoHeader(headers, 0, packet.protocol(), 0);
        if (packet.version() == 4) {
            firstId = BigEndian.getShort(headers, IpPacket.IPV4_ID_OFFSET);
        }
        if (tcp) {
            int flags = BigEndian.getByte(headers, transportAt + IpPacket.TCP_FLAGS_OFFSET);
            flagsOfFirst = flags & IpPacket.TCP_FLAG_CWR;
            flagsOfLast = flags & (IpPacket.TCP_FLAG_FIN | IpPacket.TCP_FLAG_PSH);
            flagsOfAll = flags & ~(flagsOfFirst | flagsOfLast);
            firstSequence = BigEndian.getInt(headers, transportAt + IpPacket.TCP_SEQUENCE_OFFSET);
        }
        return true;
    }

    /**
     * Cuts TCP finer than {@link #begin} was told; before the first {@link #next}.
     *
     * @return the most bytes of a packet that will come: above {@code mtuBytes} where nothing can be cut finer
     */
    public int limit(int mtuBytes) {
        if (!segmented) {
            return packet.length();
        }
        if (packet.protocol() == IpPacket.PROTOCOL_TCP) {
            segmentBytes = Math.min(segmentBytes, Math.max(1, mtuBytes - headersLength));
        }
        return headersLength + Math.min(segmentBytes, packet.payloadLength());
    }

    /** True when the last {@link #begin} failed only because the packet exceeds the MTU. */
    public boolean isTooBig() {
        return tooBig;
    }

    /** The headers as {@link #begin} read them; of use until the first {@link #next}. */
    public IpPacket packet() {
        return packet;
    }

    /** True when the packets' TCP or UDP checksum is partial, false when it is complete. */
    public boolean isPartial() {
        return partial;
    }

    /** Where the packet that {@link #next} announced starts in the array. */
    public int packetOffset() {
        return packetOffset;
    }

    /** Makes the next packet; its bytes, or 0 when there are no more. */
    public int next() {
        if (!segmented) {
            return index++ == 0 ? packet.length() : 0;
        }
        int payload = Math.min(segmentBytes, end - payloadAt);
        if (payload <= 0) {
            return 0;
        }
        packetOffset = payloadAt - headersLength;
        writeHeaders(payload, payloadAt + payload == end);
        payloadAt += payload;
        index++;
        return headersLength + payload;
    }

    private void writeHeaders(int payload, boolean last) {
        int at = packetOffset;
        System.arraycopy(headers, 0, buffer, at, headersLength);
        int total = headersLength + payload;
        if (packet.version() == 4) {
            BigEndian.putShort(buffer, at + IpPacket.IPV4_TOTAL_LENGTH_OFFSET, total);
            BigEndian.putShort(buffer, at + IpPacket.IPV4_ID_OFFSET, firstId + index);
            Checksum.writeIpv4Header(buffer, at, transportAt);
        } else {
            BigEndian.putShort(buffer, at + IpPacket.IPV6_PAYLOAD_LENGTH_OFFSET, total - IpPacket.IPV6_HEADER_LENGTH);
        }
        int transport = at + transportAt;
        int transportLength = total - transportAt;
        int pseudoHeader = Checksum.fold(addressesSum + transportLength);
        if (packet.protocol() == IpPacket.PROTOCOL_TCP) {
            int flags = flagsOfAll | (index == 0 ? flagsOfFirst : 0) | (last ? flagsOfLast : 0);
            BigEndian.putInt(buffer, transport + IpPacket.TCP_SEQUENCE_OFFSET, firstSequence + index * segmentBytes);
            buffer[transport + IpPacket.TCP_FLAGS_OFFSET] = (byte) flags;
            BigEndian.putShort(buffer, transport + IpPacket.TCP_CHECKSUM_OFFSET, pseudoHeader);
        } else {
            BigEndian.putShort(buffer, transport + IpPacket.UDP_LENGTH_OFFSET, transportLength);
            BigEndian.putShort(buffer, transport + IpPacket.UDP_CHECKSUM_OFFSET, pseudoHeader);
        }
    }
}

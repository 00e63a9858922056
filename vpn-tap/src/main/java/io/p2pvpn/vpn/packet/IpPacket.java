package io.p2pvpn.vpn.packet;

/**
 * A view of one IP packet in a byte array: what {@link #parse} read from its headers.
 *
 * <p>IPv4 per RFC 791; IPv6 per RFC 8200, its extension headers walked to the transport header. Mutable and reused:
 * values are those of the last successful parse. Confined to one thread.
 */
public final class IpPacket {
    /** Protocol number of ICMP. */
    public static final int PROTOCOL_ICMP = 1;
    /** Protocol number of TCP. */
    public static final int PROTOCOL_TCP = 6;
    /** Protocol number of UDP. */
    public static final int PROTOCOL_UDP = 17;
    /** Protocol number of ICMPv6. */
    public static final int PROTOCOL_ICMPV6 = 58;

    /** The most bytes of a packet without jumbograms. */
    public static final int LENGTH_MAX = 65_535;

    /** Bytes of an IPv4 header without options. */
    public static final int IPV4_HEADER_LENGTH = 20;
    /** Bytes of the fixed IPv6 header. */
    public static final int IPV6_HEADER_LENGTH = 40;
    /** Bytes of a TCP header without options. */
    public static final int TCP_HEADER_LENGTH = 20;
    /** Bytes of a UDP header. */
    public static final int UDP_HEADER_LENGTH = 8;

    static final int IPV4_TOS_OFFSET = 1;
    static final int IPV4_TOTAL_LENGTH_OFFSET = 2;
    static final int IPV4_ID_OFFSET = 4;
    static final int IPV4_FLAGS_OFFSET = 6;
    static final int IPV4_TTL_OFFSET = 8;
    static final int IPV4_PROTOCOL_OFFSET = 9;
    static final int IPV4_CHECKSUM_OFFSET = 10;
    static final int IPV4_SOURCE_OFFSET = 12;
    static final int IPV4_DESTINATION_OFFSET = 16;
    static final int IPV4_FLAG_DONT_FRAGMENT = 0x4000;
    static final int IPV4_FRAGMENT_MASK = 0x3fff;
    static final int IPV4_FRAGMENT_OFFSET_MASK = 0x1fff;

    /** Where the traffic class ends in the first 16 bits. */
    static final int IPV6_CLASS_SHIFT = 4;

    static final int IPV6_PAYLOAD_LENGTH_OFFSET = 4;
    static final int IPV6_NEXT_HEADER_OFFSET = 6;
    static final int IPV6_HOP_LIMIT_OFFSET = 7;
    static final int IPV6_SOURCE_OFFSET = 8;
    static final int IPV6_DESTINATION_OFFSET = 24;

    static final int TCP_SEQUENCE_OFFSET = 4;
    static final int TCP_ACK_OFFSET = 8;
    static final int TCP_DATA_OFFSET_OFFSET = 12;
    static final int TCP_FLAGS_OFFSET = 13;
    static final int TCP_WINDOW_OFFSET = 14;
    static final int TCP_CHECKSUM_OFFSET = 16;
    static final int TCP_FLAG_FIN = 0x01;
    static final int TCP_FLAG_SYN = 0x02;
    static final int TCP_FLAG_RST = 0x04;
    static final int TCP_FLAG_PSH = 0x08;
    static final int TCP_FLAG_ACK = 0x10;
    static final int TCP_FLAG_ECE = 0x40;
    static final int TCP_FLAG_CWR = 0x80;

    static final int UDP_LENGTH_OFFSET = 4;
    static final int UDP_CHECKSUM_OFFSET = 6;

    private static final int NEXT_HOP_BY_HOP = 0;
    private static final int NEXT_ROUTING = 43;
    private static final int NEXT_FRAGMENT = 44;
    private static final int NEXT_AUTHENTICATION = 51;
    private static final int NEXT_DESTINATION_OPTIONS = 60;
    private static final int IPV6_FRAGMENT_OFFSET_MASK = 0xfff8;
    private static final int IPV6_FRAGMENT_ID_OFFSET = 4;
    private static final int EXTENSION_HEADERS_MAX = 8;
    private static final int EXTENSION_BYTES_MIN = 8;

    private int version;
    private int offset;
    private int length;
    private int protocol;
    private int trafficClass;
    private int transportOffset;
    private int transportHeaderLength;
    private boolean fragment;
    private int fragmentOffset;
    private int fragmentId;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;

    /**
     * Reads the headers of the packet that fills {@code length} bytes from {@code offset}, exactly.
     *
     * @return false when it is no consistent IPv4 or IPv6 packet; the view then holds nothing of use
     */
    public boolean parse(byte[] buffer, int offset, int length) {
        this.offset = offset;
        this.length = length;
        fragment = false;
        transportHeaderLength = 0;
        if (length < IPV4_HEADER_LENGTH || length > LENGTH_MAX || offset < 0 || offset > buffer.length - length) {
            return false;
        }
        version = BigEndian.getByte(buffer, offset) >> 4;
        boolean consistent = version == 4 ? parse4(buffer) : version == 6 && parse6(buffer);
        if (consistent) {
            transportHeaderLength = readTransportHeaderLength(buffer);
        }
        return consistent;
    }

    private boolean parse4(byte[] buffer) {
        int headerLength = (buffer[offset] & 0xf) * 4;
        int total = BigEndian.getShort(buffer, offset + IPV4_TOTAL_LENGTH_OFFSET);
        if (headerLength < IPV4_HEADER_LENGTH || total != length || headerLength > length) {
            return false;
        }
        int flags = BigEndian.getShort(buffer, offset + IPV4_FLAGS_OFFSET);
        fragment = (flags & IPV4_FRAGMENT_MASK) != 0;
        if (fragment) {
            fragmentOffset = (flags & IPV4_FRAGMENT_OFFSET_MASK) * 8;
            fragmentId = BigEndian.getShort(buffer, offset + IPV4_ID_OFFSET);
        }
        trafficClass = BigEndian.getByte(buffer, offset + IPV4_TOS_OFFSET);
        protocol = BigEndian.getByte(buffer, offset + IPV4_PROTOCOL_OFFSET);
        transportOffset = offset + headerLength;
        sourceHigh = 0;
        sourceLow = BigEndian.getInt(buffer, offset + IPV4_SOURCE_OFFSET);
        destinationHigh = 0;
        destinationLow = BigEndian.getInt(buffer, offset + IPV4_DESTINATION_OFFSET);
        return true;
    }

    private boolean parse6(byte[] buffer) {
        if (length < IPV6_HEADER_LENGTH
                || BigEndian.getShort(buffer, offset + IPV6_PAYLOAD_LENGTH_OFFSET) != length - IPV6_HEADER_LENGTH) {
            return false;
        }
        trafficClass = BigEndian.getShort(buffer, offset) >> IPV6_CLASS_SHIFT & 0xff;
        sourceHigh = BigEndian.getLong(buffer, offset + IPV6_SOURCE_OFFSET);
        sourceLow = BigEndian.getLong(buffer, offset + IPV6_SOURCE_OFFSET + 8);
        destinationHigh = BigEndian.getLong(buffer, offset + IPV6_DESTINATION_OFFSET);
        destinationLow = BigEndian.getLong(buffer, offset + IPV6_DESTINATION_OFFSET + 8);
        return walkExtensions(buffer, BigEndian.getByte(buffer, offset + IPV6_NEXT_HEADER_OFFSET));
    }

    private boolean walkExtensions(byte[] buffer, int firstHeader) {
        int next = firstHeader;
        int at = offset + IPV6_HEADER_LENGTH;
        int end = offset + length;
        boolean laterFragment = false;
        for (int walked = 0; isExtension(next) && !laterFragment; walked++) {
            if (walked == EXTENSION_HEADERS_MAX || end - at < EXTENSION_BYTES_MIN) {
                return false;
            }
            int units = BigEndian.getByte(buffer, at + 1);
            int bytes = next == NEXT_FRAGMENT ? 8 : next == NEXT_AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
            if (bytes > end - at || bytes < EXTENSION_BYTES_MIN) {
                return false;
            }
            if (next == NEXT_FRAGMENT) {
                fragment = true;
                fragmentOffset = BigEndian.getShort(buffer, at + 2) & IPV6_FRAGMENT_OFFSET_MASK;
                fragmentId = BigEndian.getInt(buffer, at + IPV6_FRAGMENT_ID_OFFSET);
                laterFragment = fragmentOffset != 0;
            }
            next = BigEndian.getByte(buffer, at);
            at += bytes;
        }
        protocol = next;
        transportOffset = at;
        return true;
    }

    private static boolean isExtension(int header) {
        return header == NEXT_HOP_BY_HOP
                || header == NEXT_ROUTING
                || header == NEXT_FRAGMENT
                || header == NEXT_AUTHENTICATION
                || header == NEXT_DESTINATION_OPTIONS;
    }

    private int readTransportHeaderLength(byte[] buffer) {
        int room = transportLength();
        if (fragment) {
            return 0;
        }
        if (protocol == PROTOCOL_TCP && room >= TCP_HEADER_LENGTH) {
            int bytes = (buffer[transportOffset + TCP_DATA_OFFSET_OFFSET] >> 4 & 0xf) * 4;
            return bytes >= TCP_HEADER_LENGTH && bytes <= room ? bytes : 0;
        }
        if (protocol == PROTOCOL_UDP && room >= UDP_HEADER_LENGTH) {
            return BigEndian.getShort(buffer, transportOffset + UDP_LENGTH_OFFSET) == room ? UDP_HEADER_LENGTH : 0;
        }
        return 0;
    }

    /** 4 or 6. */
    public int version() {
        return version;
    }

    /** Where the packet starts in its array. */
    public int offset() {
        return offset;
    }

    /** Bytes of the whole packet. */
    public int length() {
        return length;
    }

    /** The IPv4 type of service or IPv6 traffic class: DSCP (RFC 2474) times 4 plus ECN (RFC 3168). */
    public int trafficClass() {
        return trafficClass;
    }

    /** The protocol of the transport header (IPv6: of the first header that is no walked extension). */
    public int protocol() {
        return protocol;
    }

    /** Where the transport header starts in the array. */
    public int transportOffset() {
        return transportOffset;
    }

    /** Bytes from the transport header to the packet's end. */
    public int transportLength() {
        return offset + length - transportOffset;
    }

    /** Bytes of a whole and consistent TCP or UDP header; 0 when there is none: other protocol, fragment, damage. */
    public int transportHeaderLength() {
        return transportHeaderLength;
    }

    /** Bytes of IP headers and TCP or UDP header. */
    public int headersLength() {
        return transportOffset - offset + transportHeaderLength;
    }

    /** Bytes behind all headers. */
    public int payloadLength() {
        return length - headersLength();
    }

    /** Where the checksum field is in the TCP or UDP header, or -1 when there is none of the two. */
    public int checksumOffset() {
        if (transportHeaderLength == 0) {
            return -1;
        }
        return protocol == PROTOCOL_TCP ? TCP_CHECKSUM_OFFSET : UDP_CHECKSUM_OFFSET;
    }

    /** True for the first and every later fragment, and for an IPv6 packet with a fragment header. */
    public boolean isFragment() {
        return fragment;
    }

    /** Of a fragment: where it belongs in the whole packet's payload, in bytes; 0 for the first one. */
    public int fragmentOffset() {
        return fragmentOffset;
    }

    /** Of a fragment: what all fragments of a packet have in common. */
    public int fragmentId() {
        return fragmentId;
    }

    /** The IPv4 source address. */
    public int source4() {
        return (int) sourceLow;
    }

    /** The IPv4 destination address. */
    public int destination4() {
        return (int) destinationLow;
    }

    /** The first 64 bits of the IPv6 source address. */
    public long source6High() {
        return sourceHigh;
    }

    /** The last 64 bits of the IPv6 source address. */
    public long source6Low() {
        return sourceLow;
    }

    /** The first 64 bits of the IPv6 destination address. */
    public long destination6High() {
        return destinationHigh;
    }

    /** The last 64 bits of the IPv6 destination address. */
    public long destination6Low() {
        return destinationLow;
    }
}

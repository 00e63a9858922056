package io.p2pvpn.vpn.packet;

/** Lowers the maximum segment size that a TCP SYN announces (RFC 9293 section 3.7.1) to what fits an MTU. */
public final class MssClamp {
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_MSS = 2;
    private static final int OPTION_MSS_LENGTH = 4;

    private MssClamp() {}

    /**
     * Lowers the MSS option of a SYN in place; anything else stays as it is. A complete checksum is updated; a partial
     * one does not cover the options.
     *
     * @param partial whether the packet's checksum field is partial
     * @return true when the option was lowered
     */
    public static boolean clamp(byte[] buffer, IpPacket packet, boolean partial, int mtuBytes) {
        int transport = packet.transportOffset();
        if (packet.protocol() != IpPacket.PROTOCOL_TCP
                || packet.transportHeaderLength() <= IpPacket.TCP_HEADER_LENGTH
                || (buffer[transport + IpPacket.TCP_FLAGS_OFFSET] & IpPacket.TCP_FLAG_SYN) == 0) {
            return false;
        }
        int ipHeader = packet.version() == 4 ? IpPacket.IPV4_HEADER_LENGTH : IpPacket.IPV6_HEADER_LENGTH;
        int mssMax = mtuBytes - ipHeader - IpPacket.TCP_HEADER_LENGTH;
        int value = findMss(buffer, transport, packet.transportHeaderLength());
        if (value < 0 || mssMax <= 0 || BigEndian.getShort(buffer, value) <= mssMax) {
            return false;
        }
        int old = BigEndian.getShort(buffer, value);
        BigEndian.putShort(buffer, value, mssMax);
        if (!partial) {
            // At an odd place the two bytes belong to two words: the sum sees them exchanged.
            boolean odd = (value - transport & 1) != 0;
            int field = transport + IpPacket.TCP_CHECKSUM_OFFSET;
            int checksum = BigEndian.getShort(buffer, field);
            BigEndian.putShort(
                    buffer, field, Checksum.update(checksum, odd ? swap(old) : old, odd ? swap(mssMax) : mssMax));
        }
        return true;
    }

    /** Where the option's value is, or -1. */
    private static int findMss(byte[] buffer, int transport, int headerLength) {
        int at = transport + IpPacket.TCP_HEADER_LENGTH;
        int end = transport + headerLength;
        while (at < end && buffer[at] != OPTION_END) {
            if (buffer[at] == OPTION_NOP) {
                at++;
                continue;
            }
            int length = at + 1 < end ? BigEndian.getByte(buffer, at + 1) : 0;
            if (length < 2 || length > end - at) {
                return -1;
            }
            if (buffer[at] == OPTION_MSS) {
                return length == OPTION_MSS_LENGTH ? at + 2 : -1;
            }
            at += length;
        }
        return -1;
    }

    private static int swap(int word) {
        return (word & 0xff) << 8 | word >>> 8;
    }
}

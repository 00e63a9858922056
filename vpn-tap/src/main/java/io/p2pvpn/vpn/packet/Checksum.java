package io.p2pvpn.vpn.packet;

/**
 * The internet checksum (RFC 1071) and its incremental update (RFC 1624).
 *
 * <p>A <em>sum</em> is an unfolded one's complement sum of 16-bit words; a <em>partial</em> checksum is a folded sum of
 * the pseudo-header, not complemented, as the kernel's CHECKSUM_PARTIAL leaves it in the checksum field; a
 * <em>complete</em> checksum is what travels on a wire.
 */
public final class Checksum {
    private static final long LOW_32 = 0xffff_ffffL;

    private Checksum() {}

    /** Adds the words of a range that starts at an even place of the summed data; an odd last byte is padded by 0. */
    public static long sum(byte[] buffer, int offset, int length, long sum) {
        int at = offset;
        int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            long words = BigEndian.getLong(buffer, at);
            sum += (words >>> 32) + (words & LOW_32);
        }
        for (; at + Short.BYTES <= end; at += Short.BYTES) {
            sum += BigEndian.getShort(buffer, at);
        }
        return at < end ? sum + (BigEndian.getByte(buffer, at) << 8) : sum;
    }

    /** The 16-bit one's complement value of a sum. */
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & LOW_32);
        folded = (folded >>> 32) + (folded & LOW_32);
        folded = (folded >>> 16) + (folded & 0xffff);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }

    /** The checksum of a range: the folded sum's complement. */
    public static int compute(byte[] buffer, int offset, int length, long sum) {
        return ~fold(sum(buffer, offset, length, sum)) & 0xffff;
    }

    /** The pseudo-header sum of a TCP or UDP packet over IPv4 (RFC 9293 section 3.1). */
    public static long pseudoHeader4(byte[] buffer, int ipOffset, int protocol, int transportLength) {
        return sum(buffer, ipOffset + IpPacket.IPV4_SOURCE_OFFSET, 8, (long) protocol + transportLength);
    }

    /** The pseudo-header sum of a packet over IPv6 (RFC 8200 section 8.1). */
    public static long pseudoHeader6(byte[] buffer, int ipOffset, int protocol, int transportLength) {
        return sum(buffer, ipOffset + IpPacket.IPV6_SOURCE_OFFSET, 32, (long) protocol + transportLength);
    }

    /** The pseudo-header sum of the packet at {@code ipOffset}, whatever its IP version. */
    public static long pseudoHeader(byte[] buffer, int ipOffset, int protocol, int transportLength) {
        return buffer[ipOffset] >> 4 == 4
                ? pseudoHeader4(buffer, ipOffset, protocol, transportLength)
                : pseudoHeader6(buffer, ipOffset, protocol, transportLength);
    }

    /** A complete checksum after one word it covers changed (RFC 1624 equation 3). */
    public static int update(int checksum, int oldWord, int newWord) {
        return ~fold((long) (~checksum & 0xffff) + (~oldWord & 0xffff) + (newWord & 0xffff)) & 0xffff;
    }

    /**
     * Turns a partial checksum into a complete one: sums from {@code start} to {@code end}, the partial value in the
     * field included. A result of 0 is written as 0xffff, which TCP takes as equal and UDP demands (RFC 768).
     *
     * @param fieldOffset where the 16-bit field is in the array
     */
    public static void complete(byte[] buffer, int start, int end, int fieldOffset) {
        int checksum = compute(buffer, start, end - start, 0);
        BigEndian.putShort(buffer, fieldOffset, checksum == 0 ? 0xffff : checksum);
    }

    /** Recomputes the header checksum of an IPv4 header of {@code headerLength} bytes. */
    public static void writeIpv4Header(byte[] buffer, int ipOffset, int headerLength) {
        BigEndian.putShort(buffer, ipOffset + IpPacket.IPV4_CHECKSUM_OFFSET, 0);
        BigEndian.putShort(
                buffer, ipOffset + IpPacket.IPV4_CHECKSUM_OFFSET, compute(buffer, ipOffset, headerLength, 0));
    }
}

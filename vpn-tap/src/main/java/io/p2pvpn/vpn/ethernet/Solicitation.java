package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.Checksum;
import org.jspecify.annotations.Nullable;

/**
 * A neighbour solicitation, and the advertisement that answers it (RFC 4861 sections 4.3, 4.4).
 *
 * @param sourceHigh of the sender's IPv6 address; it and {@code sourceLow} are 0 for one that looks for duplicates
 * @param targetHigh of the address that is asked for
 */
record Solicitation(long sourceHigh, long sourceLow, long targetHigh, long targetLow) {
    /** Bytes of an advertisement with its IPv6 header. */
    static final int ANSWER_BYTES = 72;

    private static final int ICMPV6 = 58;
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final int HEADER_BYTES = 40;
    private static final int MESSAGE_BYTES_MIN = 24;
    private static final int HOP_LIMIT = 255;
    private static final int OPTION_TARGET_ADDRESS = 2;
    /** It is the answer to a question, and gives way to what is known already: it speaks for others (section 7.2.8). */
    private static final int FLAG_SOLICITED = 0x40;

    /** Reads one that is valid by section 7.1.1; null if it is none. */
    static @Nullable Solicitation parse(byte[] buffer, int offset, int length) {
        if (length < HEADER_BYTES + MESSAGE_BYTES_MIN || BigEndian.getByte(buffer, offset) >> 4 != 6) {
            return null;
        }
        int payload = BigEndian.getShort(buffer, offset + 4);
        int message = offset + HEADER_BYTES;
        if (payload < MESSAGE_BYTES_MIN
                || payload > length - HEADER_BYTES
                || BigEndian.getByte(buffer, offset + 6) != ICMPV6
                || BigEndian.getByte(buffer, offset + 7) != HOP_LIMIT
                || BigEndian.getByte(buffer, message) != SOLICITATION
                || buffer[message + 1] != 0
                || buffer[message + 8] == (byte) 0xff
                || !areOptionsWhole(buffer, message + MESSAGE_BYTES_MIN, message + payload)
                || Checksum.compute(buffer, message, payload, Checksum.pseudoHeader6(buffer, offset, ICMPV6, payload))
                        != 0) {
            return null;
        }
        return new Solicitation(
                BigEndian.getLong(buffer, offset + 8),
                BigEndian.getLong(buffer, offset + 16),
                BigEndian.getLong(buffer, message + 8),
                BigEndian.getLong(buffer, message + 16));
    }

    private static boolean areOptionsWhole(byte[] buffer, int from, int end) {
        int at = from;
        while (at < end) {
            int bytes = at + 1 < end ? BigEndian.getByte(buffer, at + 1) * 8 : 0;
            if (bytes == 0 || bytes > end - at) {
                return false;
            }
            at += bytes;
        }
        return true;
    }

    boolean isProbe() {
        return (sourceHigh | sourceLow) == 0;
    }

    /** Writes the {@link #ANSWER_BYTES} of an answer: the target is at this hardware address. */
    void writeAnswer(long mac, byte[] buffer, int offset) {
        int payload = ANSWER_BYTES - HEADER_BYTES;
        BigEndian.putInt(buffer, offset, 0x6000_0000);
        BigEndian.putShort(buffer, offset + 4, payload);
        buffer[offset + 6] = ICMPV6;
        buffer[offset + 7] = (byte) HOP_LIMIT;
        BigEndian.putLong(buffer, offset + 8, targetHigh);
        BigEndian.putLong(buffer, offset + 16, targetLow);
        BigEndian.putLong(buffer, offset + 24, sourceHigh);
        BigEndian.putLong(buffer, offset + 32, sourceLow);
        int message = offset + HEADER_BYTES;
        BigEndian.putInt(buffer, message, ADVERTISEMENT << 24);
        BigEndian.putInt(buffer, message + 4, FLAG_SOLICITED << 24);
        BigEndian.putLong(buffer, message + 8, targetHigh);
        BigEndian.putLong(buffer, message + 16, targetLow);
        buffer[message + 24] = OPTION_TARGET_ADDRESS;
        buffer[message + 25] = 1;
        MacAddress.put(buffer, message + 26, mac);
        int sum = Checksum.compute(buffer, message, payload, Checksum.pseudoHeader6(buffer, offset, ICMPV6, payload));
        BigEndian.putShort(buffer, message + 2, sum);
    }
}

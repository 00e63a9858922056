package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.Checksum;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes what a DHCP server answers (RFC 2131 section 4.3, RFC 2132), with IPv4 and UDP headers before it. */
final class DhcpReply {
    /** Bytes of IPv4 and UDP headers. */
    static final int HEADERS_BYTES = 28;
    /** What every client takes (RFC 2131 section 2), and with these options more than enough. */
    static final int BYTES_MAX = 576;

    /** The least size of a BOOTP message (RFC 951 section 3): some clients still want it. */
    private static final int MESSAGE_BYTES_MIN = 300;

    private static final int UDP = 17;
    private static final int HOP_LIMIT = 64;
    private static final int IPV4_HEADER_BYTES = 20;

    private final byte[] buffer = new byte[BYTES_MAX];
    private int end;

    /** Begins an answer of that type to {@code asked}. */
    void begin(DhcpMessage asked, int type, int yourIp, int serverIp) {
        Arrays.fill(buffer, (byte) 0);
        int at = HEADERS_BYTES;
        buffer[at] = DhcpMessage.FROM_SERVER;
        BigEndian.putShort(buffer, at + 1, DhcpMessage.ETHERNET);
        BigEndian.putInt(buffer, at + 4, asked.transaction());
        BigEndian.putShort(buffer, at + 10, asked.broadcast() ? DhcpMessage.BROADCAST_FLAG : 0);
        boolean keepsIp = type == DhcpMessage.ACK;
        BigEndian.putInt(buffer, at + 12, keepsIp ? asked.clientIp() : 0);
        BigEndian.putInt(buffer, at + 16, yourIp);
        MacAddress.put(buffer, at + DhcpMessage.CLIENT_MAC_OFFSET, asked.clientMac());
        BigEndian.putInt(buffer, at + DhcpMessage.COOKIE_OFFSET, DhcpMessage.COOKIE);
        end = at + DhcpMessage.FIXED_BYTES;
        option(DhcpMessage.OPTION_TYPE, new byte[] {(byte) type});
        option(DhcpMessage.OPTION_SERVER, serverIp);
    }

    void option(int code, int value) {
        byte[] bytes = new byte[Integer.BYTES];
        BigEndian.putInt(bytes, 0, value);
        option(code, bytes);
    }

    void option(int code, String value) {
        option(code, value.getBytes(StandardCharsets.US_ASCII));
    }

    void option(int code, byte[] value) {
        buffer[end] = (byte) code;
        buffer[end + 1] = (byte) value.length;
        System.arraycopy(value, 0, buffer, end + 2, value.length);
        end += 2 + value.length;
    }

    /** Writes the end and the headers; bytes of all of it. */
    int finish(int fromIp, int toIp) {
        buffer[end++] = (byte) DhcpMessage.OPTION_END;
        end = Math.max(end, HEADERS_BYTES + MESSAGE_BYTES_MIN);
        buffer[0] = 0x45;
        BigEndian.putShort(buffer, 2, end);
        buffer[8] = HOP_LIMIT;
        buffer[9] = UDP;
        BigEndian.putInt(buffer, 12, fromIp);
        BigEndian.putInt(buffer, 16, toIp);
        Checksum.writeIpv4Header(buffer, 0, IPV4_HEADER_BYTES);
        int udp = IPV4_HEADER_BYTES;
        BigEndian.putShort(buffer, udp, DhcpMessage.SERVER_PORT);
        BigEndian.putShort(buffer, udp + 2, DhcpMessage.CLIENT_PORT);
        BigEndian.putShort(buffer, udp + 4, end - udp);
        int sum = Checksum.compute(buffer, udp, end - udp, Checksum.pseudoHeader4(buffer, 0, UDP, end - udp));
        BigEndian.putShort(buffer, udp + 6, sum == 0 ? 0xffff : sum);
        return end;
    }

    /** IPv4 header, UDP header and message. */
    byte[] buffer() {
        return buffer;
    }
}

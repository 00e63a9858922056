package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.BigEndian;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client says to a DHCP server (RFC 2131 section 2), as far as this server looks at it.
 *
 * @param operation 1 from a client, 2 from a server
 * @param type of {@link #DISCOVER} and so on
 * @param transaction the client's number for it
 * @param broadcast whether the client cannot be sent to by its address yet
 * @param clientIp which the client has and can be sent to at, or 0
 * @param relayIp of a relay agent that sent it on, or 0
 * @param clientMac the client's hardware address
 * @param requestedIp option 50, or 0
 * @param serverIp option 54, or 0
 * @param hostName option 12, or empty
 */
record DhcpMessage(
        int operation,
        int type,
        int transaction,
        boolean broadcast,
        int clientIp,
        int relayIp,
        long clientMac,
        int requestedIp,
        int serverIp,
        String hostName) {
    static final int SERVER_PORT = 67;
    static final int CLIENT_PORT = 68;

    static final int DISCOVER = 1;
    static final int OFFER = 2;
    static final int REQUEST = 3;
    static final int DECLINE = 4;
    static final int ACK = 5;
    static final int NAK = 6;
    static final int RELEASE = 7;
    static final int INFORM = 8;

    static final int FROM_CLIENT = 1;
    static final int FROM_SERVER = 2;

    /** Bytes before the options, their cookie included. */
    static final int FIXED_BYTES = 240;

    static final int COOKIE_OFFSET = 236;
    static final int COOKIE = 0x6382_5363;
    static final int CLIENT_MAC_OFFSET = 28;
    static final int BROADCAST_FLAG = 0x8000;
    static final int ETHERNET = 0x0106;

    static final int OPTION_PAD = 0;
    static final int OPTION_MASK = 1;
    static final int OPTION_DNS = 6;
    static final int OPTION_HOST_NAME = 12;
    static final int OPTION_DOMAIN = 15;
    static final int OPTION_MTU = 26;
    static final int OPTION_REQUESTED_IP = 50;
    static final int OPTION_LEASE_SECONDS = 51;
    static final int OPTION_TYPE = 53;
    static final int OPTION_SERVER = 54;
    static final int OPTION_RENEW_SECONDS = 58;
    static final int OPTION_REBIND_SECONDS = 59;
    static final int OPTION_END = 255;

    private static final int HOST_NAME_BYTES_MAX = 63;

    /** Reads a message behind its UDP header; null if it is none of DHCP on Ethernet, or cut short. */
    static @Nullable DhcpMessage parse(byte[] buffer, int offset, int length) {
        if (length < FIXED_BYTES
                || BigEndian.getShort(buffer, offset + 1) != ETHERNET
                || BigEndian.getInt(buffer, offset + COOKIE_OFFSET) != COOKIE) {
            return null;
        }
        int type = 0;
        int requested = 0;
        int server = 0;
        String hostName = "";
        int end = offset + length;
        int at = offset + FIXED_BYTES;
        while (at < end && BigEndian.getByte(buffer, at) != OPTION_END) {
            int option = BigEndian.getByte(buffer, at);
            if (option == OPTION_PAD) {
                at++;
                continue;
            }
            int bytes = at + 1 < end ? BigEndian.getByte(buffer, at + 1) : end;
            if (bytes > end - at - 2) {
                return null;
            }
            int value = at + 2;
            if (option == OPTION_TYPE && bytes == 1) {
                type = buffer[value];
            } else if (option == OPTION_REQUESTED_IP && bytes == Integer.BYTES) {
                requested = BigEndian.getInt(buffer, value);
            } else if (option == OPTION_SERVER && bytes == Integer.BYTES) {
                server = BigEndian.getInt(buffer, value);
            } else if (option == OPTION_HOST_NAME) {
                hostName = hostName(buffer, value, bytes);
            }
            at = value + bytes;
        }
        if (type < DISCOVER || type > INFORM) {
            return null;
        }
        return new DhcpMessage(
                buffer[offset],
                type,
                BigEndian.getInt(buffer, offset + 4),
                (BigEndian.getShort(buffer, offset + 10) & BROADCAST_FLAG) != 0,
                BigEndian.getInt(buffer, offset + 12),
                BigEndian.getInt(buffer, offset + 24),
                MacAddress.get(buffer, offset + CLIENT_MAC_OFFSET),
                requested,
                server,
                hostName);
    }

    /** The first label, if it can be one of a domain name (RFC 1123 section 2.1); else empty. */
    private static String hostName(byte[] buffer, int offset, int bytes) {
        String text = new String(buffer, offset, bytes, StandardCharsets.ISO_8859_1);
        int dot = text.indexOf('.');
        String label = dot < 0 ? text : text.substring(0, dot);
        boolean right =
                label.length() <= HOST_NAME_BYTES_MAX && label.matches("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?");
        return right ? label.toLowerCase(Locale.ROOT) : "";
    }
}

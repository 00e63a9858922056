package io.p2pvpn.overlay.host;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where a node listens. Immutable.
 *
 * @param address the local address; null for all addresses of both families
 * @param port the port, UDP and TCP alike; 0 lets the system choose
 * @param udp whether datagrams are taken there
 * @param tcp whether streams are taken there
 */
public record ListenAddress(@Nullable InetAddress address, int port, boolean udp, boolean tcp) {
    /** Checks the port. */
    public ListenAddress {
        if (port < 0 || port > 65535 || (!udp && !tcp)) {
            throw new IllegalArgumentException("port " + port + ", udp " + udp + ", tcp " + tcp);
        }
    }

    /** All addresses, UDP and TCP. */
    public static ListenAddress anyAddress(int port) {
        return new ListenAddress(null, port, true, true);
    }

    /** One address, UDP and TCP. */
    public static ListenAddress of(InetAddress address, int port) {
        return new ListenAddress(address, port, true, true);
    }

    /**
     * Reads {@code [udp:|tcp:][ADDR:]PORT}; the address is a number, IPv6 in brackets, {@code *} or nothing for all.
     *
     * @throws HostException when the text is not of that form
     */
    public static ListenAddress parse(String text) throws HostException {
        boolean udpOnly = text.startsWith("udp:");
        boolean tcpOnly = text.startsWith("tcp:");
        String rest = udpOnly || tcpOnly ? text.substring(4) : text;
        int colon = rest.lastIndexOf(':');
        String host = colon < 0 ? "" : rest.substring(0, colon);
        int port = parsePort(rest.substring(colon + 1));
        if (port < 0) {
            throw malformed(text);
        }
        return new ListenAddress(parseAddress(host, text), port, !tcpOnly, !udpOnly);
    }

    private static int parsePort(String text) {
        if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int port = Integer.parseInt(text);
        return port > 65535 ? -1 : port;
    }

    private static @Nullable InetAddress parseAddress(String host, String text) throws HostException {
        if (host.isEmpty() || host.equals("*") || host.equals("[::]")) {
            return null;
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String number = bracketed ? host.substring(1, host.length() - 1) : host;
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(number);
        if (bytes == null || bracketed != (bytes.length == 16)) {
            throw malformed(text);
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new HostException(text + " is not an address", e);
        }
    }

    private static HostException malformed(String text) {
        return new HostException("cannot listen on '" + text + "': expected [udp:|tcp:][ADDR:]PORT with a numeric"
                + " address, for example 4001, 192.0.2.7:4001 or [2001:db8::1]:4001");
    }

    @Override
    public String toString() {
        String host = address == null ? "*" : address.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

package io.p2pvpn.overlay.host;

import io.netty.util.NetUtil;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a node listens. Immutable.
 *
 * @param address the local address; null for all addresses of both families
 * @param port the port, the same for all transports; 0 lets the system choose
 * @param udp whether datagrams are taken there
 * @param stream the kind of streams taken there, or null for none: bytes do not say whether they are meant for TLS
 */
public record ListenAddress(
        @Nullable InetAddress address,
        int port,
        boolean udp,
        @Nullable Kind stream) {
    private static final int SCHEME_CHARS = 4;

    /** Checks the port. */
    public ListenAddress {
        if (port < 0 || port > 65535 || (!udp && stream == null) || stream == Kind.UDP) {
            throw new IllegalArgumentException("port " + port + ", udp " + udp + ", stream " + stream);
        }
    }

    /** All addresses, UDP and TCP. */
    public static ListenAddress anyAddress(int port) {
        return new ListenAddress(null, port, true, Kind.TCP);
    }

    /** One address, UDP and TCP. */
    public static ListenAddress of(InetAddress address, int port) {
        return new ListenAddress(address, port, true, Kind.TCP);
    }

    /**
     * Reads {@code [udp:|tcp:|tls:][ADDR:]PORT}; the address is a number, IPv6 in brackets, {@code *} or nothing for
     * all.
     *
     * @throws HostException when the text is not of that form
     */
    public static ListenAddress parse(String text) throws HostException {
        Kind only = null;
        for (Kind kind : Kind.values()) {
            only = text.startsWith(kind.name().toLowerCase(Locale.ROOT) + ":") ? kind : only;
        }
        String rest = only == null ? text : text.substring(SCHEME_CHARS);
        int colon = rest.lastIndexOf(':');
        String host = colon < 0 ? "" : rest.substring(0, colon);
        int port = parsePort(rest.substring(colon + 1));
        if (port < 0) {
            throw malformed(text);
        }
        boolean udp = only == null || only == Kind.UDP;
        Kind stream = only == null ? Kind.TCP : only == Kind.UDP ? null : only;
        return new ListenAddress(parseAddress(host, text), port, udp, stream);
    }

    /**
     * Checks that no port is asked to take both plain TCP and TLS.
     *
     * @throws HostException when one is
     */
    static void requireDistinct(List<ListenAddress> all) throws HostException {
        for (ListenAddress tls : all) {
            for (ListenAddress tcp : all) {
                boolean mixed = tls.stream == Kind.TLS && tcp.stream == Kind.TCP && tls.port == tcp.port;
                boolean sameAddress = tls.address == null || tcp.address == null || tls.address.equals(tcp.address);
                if (mixed && sameAddress && tls.port != 0) {
                    throw new HostException("cannot listen on TLS " + tls + ": the port is to take plain TCP too; give"
                            + " TLS a port of its own, or take only datagrams there with --listen udp:" + tls.port);
                }
            }
        }
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
        return new HostException("cannot listen on '" + text + "': expected [udp:|tcp:|tls:][ADDR:]PORT with a numeric"
                + " address, for example 4001, 192.0.2.7:4001 or [2001:db8::1]:4001");
    }

    @Override
    public String toString() {
        String host = address == null ? "*" : address.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

package io.p2pvpn.vpn.option;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a node listens.
 *
 * @param scheme {@code udp}, {@code tcp} or {@code tls}; null for the default (UDP and TCP on one port)
 * @param host address of an interface; null for all
 * @param port 0 to 65535, 0 for any free one
 */
public record ListenAddress(
        @Nullable String scheme, @Nullable String host, int port) {
    private static final List<String> SCHEMES = List.of("udp", "tcp", "tls");

    /** {@code [udp:|tcp:|tls:][ADDR:]PORT}. */
    public static ListenAddress parse(String text) {
        String scheme = null;
        String rest = text;
        int colon = text.indexOf(':');
        if (colon > 0 && SCHEMES.contains(text.substring(0, colon))) {
            scheme = text.substring(0, colon);
            rest = text.substring(colon + 1);
        }
        int last = rest.lastIndexOf(':');
        if (last < 0) {
            return new ListenAddress(scheme, null, HostPort.parsePort(rest));
        }
        String host = rest.substring(0, last);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        IpAddress address = bracketed
                ? IpAddress.parseV6(host.substring(1, host.length() - 1))
                : IpAddress.parse(requireNoColon(host, text));
        return new ListenAddress(scheme, address.text(), HostPort.parsePort(rest.substring(last + 1)));
    }

    private static String requireNoColon(String host, String text) {
        if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not [udp:|tcp:|tls:][ADDR:]PORT; write an IPv6 address in brackets");
        }
        return host;
    }

    @Override
    public String toString() {
        String address = host == null ? String.valueOf(port) : new HostPort(host, port).toString();
        return scheme == null ? address : scheme + ":" + address;
    }
}

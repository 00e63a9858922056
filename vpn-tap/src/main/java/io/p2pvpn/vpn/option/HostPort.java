package io.p2pvpn.vpn.option;

import java.util.regex.Pattern;

/**
 * A host and a port, not resolved.
 *
 * @param host name, IPv4 address, or IPv6 address without brackets
 * @param port 0 to 65535; 0 only where any free port is meant
 */
public record HostPort(String host, int port) {
    static final int PORT_MAX = 65_535;
    private static final int HOST_CHARS_MAX = 253;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");
    private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,5}");

    /** {@code HOST:PORT} with a port from 1 to 65535; an IPv6 address stands in brackets. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || (text.startsWith("[") && text.charAt(colon - 1) != ']')) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT, for example 203.0.113.5:4001");
        }
        int port = parsePort(text.substring(colon + 1));
        if (port == 0) {
            throw new IllegalArgumentException("port 0 in '" + text + "' cannot be reached: use 1 to " + PORT_MAX);
        }
        return new HostPort(parseHost(text.substring(0, colon)), port);
    }

    /** A port number from 0 to 65535. */
    static int parsePort(String text) {
        int port = DIGITS.matcher(text).matches() ? Integer.parseInt(text) : -1;
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("'" + text + "' is not a port: use a number from 1 to " + PORT_MAX);
        }
        return port;
    }

    /** A host name, an IPv4 address or an IPv6 address in brackets; the brackets are taken off. */
    static String parseHost(String text) {
        if (text.startsWith("[") && text.endsWith("]")) {
            return IpAddress.parseV6(text.substring(1, text.length() - 1)).text();
        }
        if (text.indexOf(':') >= 0) {
            throw new IllegalArgumentException("write an IPv6 address in brackets, for example [2001:db8::5]:4001");
        }
        if (DIGITS_AND_DOTS.matcher(text).matches()) {
            return IpAddress.parse(text).text();
        }
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        boolean valid = !name.isEmpty() && name.length() <= HOST_CHARS_MAX;
        for (String label : name.split("\\.", -1)) {
            valid = valid && LABEL.matcher(label).matches();
        }
        if (!valid) {
            throw new IllegalArgumentException("'" + text + "' is not a host name or an address");
        }
        return name;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

package io.p2pvpn.nat.portmap;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address on the gateway: whatever else a device names as the place of its description or control is not followed.
 *
 * @param port TCP
 * @param path from the slash, with the query
 */
record GatewayUrl(int port, String path) {
    private static final int TEXT_MAX = 512;
    private static final Pattern ABSOLUTE = Pattern.compile("(?i:http)://([0-9.]{7,15})(?::([0-9]{1,5}))?(/[!-~]*)?");
    private static final Pattern PATH = Pattern.compile("[!-~]+");
    private static final int PORT_DEFAULT = 80;
    private static final int PORT_MAX = 65_535;

    /** An absolute address, or null if it is none on {@code host} (an IPv4 address as text). */
    static @Nullable GatewayUrl parse(String text, String host) {
        Matcher matcher = ABSOLUTE.matcher(text);
        if (text.length() > TEXT_MAX || !matcher.matches() || !host.equals(matcher.group(1))) {
            return null;
        }
        int port = matcher.group(2) == null ? PORT_DEFAULT : Integer.parseInt(matcher.group(2));
        String path = matcher.group(3) == null ? "/" : matcher.group(3);
        return port < 1 || port > PORT_MAX ? null : new GatewayUrl(port, path);
    }

    /** What {@code reference} means seen from here; null if that is not on the gateway. */
    @Nullable
    GatewayUrl resolve(String reference, String host) {
        if (reference.contains("://")) {
            return parse(reference, host);
        }
        if (reference.length() > TEXT_MAX || !PATH.matcher(reference).matches()) {
            return null;
        }
        if (reference.startsWith("/")) {
            return new GatewayUrl(port, reference);
        }
        return new GatewayUrl(port, path.substring(0, path.lastIndexOf('/') + 1) + reference);
    }
}

package io.p2pvpn.vpn.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where to enter the public ring.
 *
 * @param scheme {@code udp}, {@code tcp} or {@code tls}, the only way to go there; null for whatever gets there
 * @param overlayId the node that must answer there, 40 lower-case hex digits; null for whoever does
 * @param address where it is
 */
public record BootstrapAddress(
        @Nullable String scheme, @Nullable String overlayId, HostPort address) {
    private static final Pattern SCHEME = Pattern.compile("(udp|tcp|tls)://(.*)");
    private static final Pattern OVERLAY_ID = Pattern.compile("[0-9a-f]{40}");

    /** {@code HOST:PORT} or {@code ID@HOST:PORT}, with {@code udp://}, {@code tcp://} or {@code tls://} before it. */
    public static BootstrapAddress parse(String text) {
        Matcher forced = SCHEME.matcher(text);
        String scheme = forced.matches() ? forced.group(1) : null;
        String rest = forced.matches() ? forced.group(2) : text;
        int at = rest.indexOf('@');
        if (at < 0) {
            return new BootstrapAddress(scheme, null, HostPort.parse(rest));
        }
        String id = rest.substring(0, at).toLowerCase(Locale.ROOT);
        if (!OVERLAY_ID.matcher(id).matches()) {
            throw new IllegalArgumentException("the ID in '" + text + "' is not an overlay ID (40 hex digits)");
        }
        return new BootstrapAddress(scheme, id, HostPort.parse(rest.substring(at + 1)));
    }

    /** A comma-separated list, not empty, of {@link #parse}. */
    public static List<BootstrapAddress> parseList(String text) {
        List<BootstrapAddress> addresses = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            addresses.add(parse(part.strip()));
        }
        return List.copyOf(addresses);
    }

    @Override
    public String toString() {
        String way = scheme == null ? "" : scheme + "://";
        return way + (overlayId == null ? address.toString() : overlayId + "@" + address);
    }
}

package io.p2pvpn.vpn.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where to enter the public ring.
 *
 * @param overlayId the node that must answer there, 40 lower-case hex digits; null for whoever does
 * @param address where it is
 */
public record BootstrapAddress(@Nullable String overlayId, HostPort address) {
    private static final Pattern OVERLAY_ID = Pattern.compile("[0-9a-f]{40}");

    /** {@code HOST:PORT} or {@code ID@HOST:PORT}. */
    public static BootstrapAddress parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            return new BootstrapAddress(null, HostPort.parse(text));
        }
        String id = text.substring(0, at).toLowerCase(Locale.ROOT);
        if (!OVERLAY_ID.matcher(id).matches()) {
            throw new IllegalArgumentException("the ID in '" + text + "' is not an overlay ID (40 hex digits)");
        }
        return new BootstrapAddress(id, HostPort.parse(text.substring(at + 1)));
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
        return overlayId == null ? address.toString() : overlayId + "@" + address;
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.vpn.option.IpAddress;
import java.util.regex.Pattern;

/** A member as people name it: virtual IP, name or overlay ID. */
final class TargetText {
    private static final Pattern ADDRESS_LIKE = Pattern.compile("[0-9.]+|.*:.*");
    private static final Pattern NAME_OR_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");

    private TargetText() {}

    /**
     * The text as the daemon takes it.
     *
     * @throws IllegalArgumentException when it cannot be any of the three
     */
    static String parse(String text) {
        if (ADDRESS_LIKE.matcher(text).matches()) {
            return IpAddress.parse(text).text();
        }
        if (!NAME_OR_ID.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a virtual IP, a name or an overlay ID");
        }
        return text;
    }
}

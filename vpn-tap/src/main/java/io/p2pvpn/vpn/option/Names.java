package io.p2pvpn.vpn.option;

import java.util.regex.Pattern;

/** Checks of the short names a person gives. */
public final class Names {
    /** The kernel's IFNAMSIZ without the final zero. */
    private static final int DEVICE_CHARS_MAX = 15;

    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");

    private Names() {}

    /** A host name inside a namespace: one DNS label. */
    public static String checkHostname(String text) {
        if (!HOSTNAME.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a host name: use 1 to 63 letters, digits or '-', not at the ends");
        }
        return text;
    }

    /** A network device's name. */
    public static String checkDevice(String text) {
        if (text.length() > DEVICE_CHARS_MAX || !DEVICE.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a device name: use 1 to " + DEVICE_CHARS_MAX
                    + " letters, digits, '.', '-' or '_'");
        }
        return text;
    }
}

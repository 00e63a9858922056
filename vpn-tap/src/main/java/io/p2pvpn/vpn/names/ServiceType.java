package io.p2pvpn.vpn.names;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kind of service as DNS-SD names it (RFC 6763 section 7), such as {@code _ssh._tcp}.
 *
 * @param name of the service (RFC 6335 section 5.1), lower case: 1 to 15 letters, digits and single hyphens, at least
 *     one letter
 * @param udp true for UDP, false for TCP and anything else
 */
public record ServiceType(String name, boolean udp) implements Comparable<ServiceType> {
    private static final Pattern NAME = Pattern.compile("(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?=[a-z0-9])){0,14}");

    /** A type; {@link IllegalArgumentException} if the name is none. */
    public ServiceType {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is not a service name: use 1 to 15 letters, digits or '-', not at the ends");
        }
    }

    /** The type that a person names, with {@code /udp} behind it for UDP. */
    public static ServiceType parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        boolean udp = lower.endsWith("/udp");
        boolean suffixed = udp || lower.endsWith("/tcp");
        return new ServiceType(suffixed ? lower.substring(0, lower.length() - 4) : lower, udp);
    }

    /** The type of the two labels of a domain name, lower case; null if they name none. */
    public static @Nullable ServiceType ofLabels(String first, String second) {
        boolean udp = second.equals("_udp");
        boolean known = (udp || second.equals("_tcp"))
                && first.startsWith("_")
                && NAME.matcher(first.substring(1)).matches();
        return known ? new ServiceType(first.substring(1), udp) : null;
    }

    /** The two labels. */
    String labels() {
        return "_" + name + (udp ? "._udp" : "._tcp");
    }

    @Override
    public int compareTo(ServiceType other) {
        int order = name.compareTo(other.name);
        return order != 0 ? order : Boolean.compare(udp, other.udp);
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        return name + (udp ? "/udp" : "/tcp");
    }
}

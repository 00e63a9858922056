package io.p2pvpn.vpn.node.names;

import java.util.Locale;

/** How programs of this host look members' names up. */
public enum NameMode {
    /** By the first of the others that works here. */
    AUTO,
    /** systemd-resolved. */
    RESOLVED,
    /** A local unbound. */
    UNBOUND,
    /** A local dnsmasq. */
    DNSMASQ,
    /** Lines in {@code /etc/hosts}. */
    HOSTS,
    /** Only by asking the responder on the device's address. */
    SERVER,
    /** Not at all. */
    OFF;

    /** The mode of that word; {@link IllegalArgumentException} if it is none. */
    public static NameMode parse(String word) {
        for (NameMode mode : values()) {
            if (mode.word().equals(word)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "'" + word + "' is none of auto, resolved, unbound, dnsmasq, hosts, server, off");
    }

    /** The word for it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}

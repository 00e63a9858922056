package io.p2pvpn.nat.portmap;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which ways of asking the home router for a port a node tries. */
public enum PortMapping {
    /** All of them, the best first. */
    AUTO,
    /** Only the Port Control Protocol, RFC 6887. */
    PCP,
    /** Only the NAT Port Mapping Protocol, RFC 6886. */
    NAT_PMP,
    /** Only UPnP Internet Gateway Device, versions 1 and 2. */
    UPNP,
    /** None. */
    OFF;

    /** The word for it: the name in lower case with dashes. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What that word means, or null. */
    public static @Nullable PortMapping ofWord(String word) {
        for (PortMapping each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        return null;
    }

    /** The protocols to try, in this order. */
    List<PortMapping> protocols() {
        return switch (this) {
            case AUTO -> List.of(PCP, NAT_PMP, UPNP);
            case OFF -> List.of();
            case PCP, NAT_PMP, UPNP -> List.of(this);
        };
    }
}

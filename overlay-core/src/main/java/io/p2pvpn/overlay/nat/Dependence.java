package io.p2pvpn.overlay.nat;

import java.util.Locale;

/** What a NAT box looks at besides the inside endpoint: of a mapping, RFC 4787 section 4.1; of a filter, section 5. */
public enum Dependence {
    /** Not found out. */
    UNKNOWN,
    /** At nothing: the same for all destinations. */
    ENDPOINT_INDEPENDENT,
    /** At the other side's address. */
    ADDRESS_DEPENDENT,
    /** At the other side's address and port. */
    ADDRESS_AND_PORT_DEPENDENT;

    /** The number that stands for it in messages. */
    public int wireId() {
        return switch (this) {
            case UNKNOWN -> 0;
            case ENDPOINT_INDEPENDENT -> 1;
            case ADDRESS_DEPENDENT -> 2;
            case ADDRESS_AND_PORT_DEPENDENT -> 3;
        };
    }

    /** What that number stands for; unknown numbers are {@link #UNKNOWN}. */
    public static Dependence ofWireId(int wireId) {
        for (Dependence each : values()) {
            if (each.wireId() == wireId) {
                return each;
            }
        }
        return UNKNOWN;
    }

    /** True if one destination may be treated otherwise than another. */
    public boolean isDependent() {
        return compareTo(ENDPOINT_INDEPENDENT) > 0;
    }

    /** The RFC's word, in lower case with dashes. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

package io.p2pvpn.overlay.runtime;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a network interface of this host may be used for; the declared order is the order of preference. */
public enum InterfaceUse {
    /** Everything. */
    ON,
    /** What no interface that is on can carry. */
    BACKUP,
    /** The same, and no more than needs be: each byte costs. */
    METERED,
    /** Nothing. */
    OFF;

    /** The use of that name in lower case, or null. */
    public static @Nullable InterfaceUse ofWord(String word) {
        for (InterfaceUse use : values()) {
            if (use.name().toLowerCase(Locale.ROOT).equals(word)) {
                return use;
            }
        }
        return null;
    }
}

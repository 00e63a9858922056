package io.p2pvpn.overlay.link;

import java.util.Locale;

/** Why a session is wanted. */
public enum Purpose {
    /** Ring neighbour. */
    NEAR,
    /** Small-world shortcut. */
    FAR,
    /** Traffic flows to it. */
    CHOTA,
    /** It forwards for us. */
    RELAY,
    /** The way into the public ring. */
    BOOTSTRAP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

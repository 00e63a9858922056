package io.p2pvpn.vpn.rules;

import io.p2pvpn.vpn.trust.Role;
import java.util.Locale;

/**
 * A member as rules see it. Immutable.
 *
 * @param name its host name; kept in lower case, as names are compared without regard to case
 * @param role what its certificate lets it do
 */
public record Party(String name, Role role) {
    /** Takes the name in any case. */
    public Party {
        name = name.toLowerCase(Locale.ROOT);
    }
}

package io.p2pvpn.vpn.rules;

import io.p2pvpn.vpn.trust.Role;
import org.jspecify.annotations.Nullable;

/**
 * Which members one item of a rule means: those of a role; else those whose name is, or begins with, a text in lower
 * case. Immutable.
 */
record PartyPattern(@Nullable Role role, String name, boolean prefix) {
    boolean matches(Party party) {
        if (role != null) {
            return party.role() == role;
        }
        return prefix ? party.name().startsWith(name) : party.name().equals(name);
    }

    @Override
    public String toString() {
        return role != null ? "role:" + role.word() : prefix ? name + "*" : name;
    }
}

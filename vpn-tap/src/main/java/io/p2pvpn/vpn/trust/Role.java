package io.p2pvpn.vpn.trust;

import org.jspecify.annotations.Nullable;

/** What a certificate lets a member do beyond taking part. */
public enum Role {
    /** Takes part. */
    MEMBER("member"),
    /** May also administer the namespace. */
    ADMIN("admin"),
    /** May also route networks behind it. */
    GATEWAY("gateway"),
    /** May also relay for other members. */
    RELAY("relay");

    private final String word;

    Role(String word) {
        this.word = word;
    }

    /** The name in certificates, commands and JSON. */
    public String word() {
        return word;
    }

    /** The role of that word; null if there is none. */
    public static @Nullable Role ofWord(String word) {
        for (Role role : values()) {
            if (role.word.equals(word)) {
                return role;
            }
        }
        return null;
    }
}

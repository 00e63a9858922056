package io.p2pvpn.vpn.option;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A namespace as a person names it.
 *
 * @param name a hint: 1 to 63 letters, digits, dots, dashes and underscores
 * @param hash what it is: the hash of its CA key or the beginning of it, 40 or 64 lower-case hex digits; null when
 *     only the name is known
 */
public record NamespaceName(String name, @Nullable String hash) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,62}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}([0-9a-f]{24})?");

    /** {@code NAME} or {@code NAME@HASH}. */
    public static NamespaceName parse(String text) {
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name
                    + "' is not a namespace name: use 1 to 63 letters, digits, '.', '-' or '_', not '.' or"
                    + " '-' first");
        }
        if (at < 0) {
            return new NamespaceName(name, null);
        }
        String hash = text.substring(at + 1).toLowerCase(Locale.ROOT);
        if (!HASH.matcher(hash).matches()) {
            throw new IllegalArgumentException("the hash in '" + text + "' is not 40 or 64 hex digits");
        }
        return new NamespaceName(name, hash);
    }

    @Override
    public String toString() {
        return hash == null ? name : name + "@" + hash;
    }
}

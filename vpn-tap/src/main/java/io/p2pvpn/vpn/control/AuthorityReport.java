package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * What became of that.
 *
 * @param namespace of which
 * @param text the key or the request that was asked for; null otherwise
 */
public record AuthorityReport(String namespace, @Nullable String text) {
    /** Says nothing of the key. */
    @Override
    public String toString() {
        return namespace;
    }
}

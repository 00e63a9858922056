package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Works on the key that speaks for a namespace, or on a certificate that it signs where there is no network.
 *
 * @param operation what to do
 * @param namespace of which; null for the only one that the node is in
 * @param text what is imported or installed; null otherwise
 */
public record AuthorityRequest(
        Operation operation,
        @Nullable String namespace,
        @Nullable String text) {
    /** What can be done. */
    public enum Operation {
        /** Gives the key out, and forgets it. */
        EXPORT,
        /** Gives the key out, and keeps it. */
        COPY,
        /** Takes the key. */
        IMPORT,
        /** Replaces the key by another. */
        ROTATE,
        /** Asks for a certificate of this node. */
        REQUEST,
        /** Takes the certificate. */
        INSTALL
    }

    /** Says nothing of the key. */
    @Override
    public String toString() {
        return operation + " " + namespace;
    }
}

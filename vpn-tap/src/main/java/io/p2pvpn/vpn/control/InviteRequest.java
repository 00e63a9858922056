package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Asks for an invite.
 *
 * @param namespace to which; null for the only one that the node is in
 * @param uses how many it lets in
 * @param expiresSeconds how long it can be used
 * @param role {@code member}, {@code admin}, {@code gateway} or {@code relay}
 * @param validSeconds how long the certificates are valid that it brings; 0 for the usual
 */
public record InviteRequest(
        @Nullable String namespace, int uses, long expiresSeconds, String role, long validSeconds) {}

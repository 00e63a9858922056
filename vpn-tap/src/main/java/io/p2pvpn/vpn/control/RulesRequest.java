package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Asks for the access rules of a namespace, or sets them.
 *
 * @param namespace of which; null for the only one that the node is in
 * @param text the new rules; null to leave them as they are
 */
public record RulesRequest(
        @Nullable String namespace, @Nullable String text) {}

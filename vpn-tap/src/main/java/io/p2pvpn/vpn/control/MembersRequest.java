package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Asks who is a member.
 *
 * @param namespace of which; null for the only one that the node is in
 */
public record MembersRequest(@Nullable String namespace) {}

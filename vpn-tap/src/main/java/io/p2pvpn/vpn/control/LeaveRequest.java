package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Asks to leave.
 *
 * @param namespace the one to leave; null for all
 */
public record LeaveRequest(@Nullable String namespace) {}

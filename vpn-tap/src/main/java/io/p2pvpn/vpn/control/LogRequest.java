package io.p2pvpn.vpn.control;

import org.jspecify.annotations.Nullable;

/**
 * Asks how much the daemon writes to its log, or has it write more or less.
 *
 * @param level from now on; null to leave it
 */
public record LogRequest(@Nullable LogLevel level) {}

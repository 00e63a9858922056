package io.p2pvpn.vpn.control;

/**
 * How much a daemon writes to its log.
 *
 * @param level now
 */
public record LogReport(LogLevel level) {}

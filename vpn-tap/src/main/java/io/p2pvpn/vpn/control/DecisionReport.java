package io.p2pvpn.vpn.control;

/**
 * What was decided.
 *
 * @param namespace in which
 * @param name about whom
 */
public record DecisionReport(String namespace, String name) {}

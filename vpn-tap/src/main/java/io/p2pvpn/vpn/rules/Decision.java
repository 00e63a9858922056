package io.p2pvpn.vpn.rules;

/**
 * What rules say of a flow, and which of them said it. Immutable.
 *
 * @param allowed whether the flow may begin
 * @param number which rule decided, counted from 1 as they stand; 0 for the default
 * @param text that rule in canonical form, or the default
 */
public record Decision(boolean allowed, int number, String text) {}

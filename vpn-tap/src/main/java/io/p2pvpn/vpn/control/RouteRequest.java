package io.p2pvpn.vpn.control;

/**
 * Asks for the hops over the ring to a target.
 *
 * @param target virtual IP, name or overlay ID
 * @param timeoutMillis how long to go on asking; what is known by then is the answer
 */
public record RouteRequest(String target, long timeoutMillis) {}

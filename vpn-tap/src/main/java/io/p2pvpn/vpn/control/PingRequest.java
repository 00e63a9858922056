package io.p2pvpn.vpn.control;

/**
 * Asks for one ping.
 *
 * @param target virtual IP, name or overlay ID
 * @param seq copied into the reply
 * @param timeoutMillis how long to wait for the reply
 */
public record PingRequest(String target, int seq, long timeoutMillis) {}

package io.p2pvpn.vpn.names;

/**
 * A service that a member offers.
 *
 * @param type what it is
 * @param hostName of the member
 * @param port 1 to 65535
 */
public record ServiceInstance(ServiceType type, String hostName, int port) {}

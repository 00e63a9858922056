package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;

/**
 * What the gateway granted.
 *
 * @param port of ours
 * @param external where it is reachable, of the same kind
 * @param lifetimeSeconds from now, above 0
 */
record Mapping(MappedPort port, Endpoint external, long lifetimeSeconds) {}

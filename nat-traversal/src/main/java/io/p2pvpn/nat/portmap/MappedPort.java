package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;

/**
 * A port of ours that is to be reachable from outside.
 *
 * @param kind UDP, or anything that travels over TCP
 * @param port on this host
 */
record MappedPort(Endpoint.Kind kind, int port) {
    private static final int PROTOCOL_TCP = 6;
    private static final int PROTOCOL_UDP = 17;

    boolean isUdp() {
        return kind == Endpoint.Kind.UDP;
    }

    /** The number of the IP protocol. */
    int protocolNumber() {
        return isUdp() ? PROTOCOL_UDP : PROTOCOL_TCP;
    }

    /** The word that UPnP knows. */
    String protocolName() {
        return isUdp() ? "UDP" : "TCP";
    }
}

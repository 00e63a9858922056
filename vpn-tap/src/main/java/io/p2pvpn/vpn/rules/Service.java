package io.p2pvpn.vpn.rules;

import io.p2pvpn.vpn.packet.IpPacket;

/** A protocol and a range of destination ports, or everything. Immutable. */
record Service(int protocol, int firstPort, int lastPort) {
    static final int PORT_MAX = 65_535;

    private static final int ANY_PROTOCOL = -1;

    /** Every protocol, also those that have no name here. */
    static final Service ANY = new Service(ANY_PROTOCOL, 0, PORT_MAX);

    /** ICMP and ICMPv6. */
    static final Service ICMP = new Service(IpPacket.PROTOCOL_ICMP, 0, PORT_MAX);

    boolean matches(int otherProtocol, int port) {
        return protocol == ANY_PROTOCOL || (protocol == otherProtocol && firstPort <= port && port <= lastPort);
    }

    /** Under which number a protocol is compared: one for both kinds of ICMP. */
    static int compared(int protocol) {
        return protocol == IpPacket.PROTOCOL_ICMPV6 ? IpPacket.PROTOCOL_ICMP : protocol;
    }

    /** The item's text, behind an item of the protocol {@code before}, which need not be said again. */
    String textAfter(int before) {
        if (protocol == ANY_PROTOCOL) {
            return "*";
        }
        if (protocol == IpPacket.PROTOCOL_ICMP) {
            return "icmp";
        }
        String name = protocol == IpPacket.PROTOCOL_TCP ? "tcp/" : "udp/";
        if (firstPort == 0) {
            return name + "*";
        }
        String ports = firstPort == lastPort ? String.valueOf(firstPort) : firstPort + "-" + lastPort;
        return protocol == before ? ports : name + ports;
    }
}

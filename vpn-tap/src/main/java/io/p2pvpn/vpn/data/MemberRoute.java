package io.p2pvpn.vpn.data;

import io.p2pvpn.vpn.rules.MemberGate;

/**
 * How to reach one member, or a guest behind it, and which addresses it may send from. Its IPv6 address is always the
 * namespace's /64 with its IPv4 address as the low 32 bits, so that one look-up serves both families. Immutable.
 *
 * @param tunnel the session to it
 * @param ipv4 its virtual IPv4 address, or its guest's
 * @param ulaHigh the first 64 bits of its virtual IPv6 address
 * @param gate what it may send to our host
 */
public record MemberRoute(PeerTunnel tunnel, int ipv4, long ulaHigh, MemberGate gate) {
    /** Whether the other route leads to the same member, or to a guest of it: they have one gate. */
    public boolean isOfSameMember(MemberRoute other) {
        return gate == other.gate;
    }
}

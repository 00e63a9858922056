package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.path.PathMtu;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.tun.Cidr;

/**
 * This node's place in one namespace. Immutable.
 *
 * @param ipv4 our virtual IPv4 address
 * @param ipv4Prefix the namespace's prefix, which holds it
 * @param ulaHigh the namespace's IPv6 /64
 * @param mtuBytes the most bytes of one IP packet through the tunnel
 */
public record VirtualNetwork(int ipv4, Cidr ipv4Prefix, long ulaHigh, int mtuBytes) {
    /** The smallest MTU that IPv6 allows (RFC 8200 section 5). */
    public static final int MTU_BYTES_MIN = 1280;

    private static final int ETHERNET_MTU = 1500;
    private static final int GROUP_6 = 0xff;
    private static final int GROUP_SHIFT_6 = 56;
    private static final long LOW_32 = 0xffff_ffffL;

    /**
     * Checks that the parts fit each other.
     *
     * @throws IllegalArgumentException when they do not
     */
    public VirtualNetwork {
        if (!ipv4Prefix.contains4(ipv4) || mtuBytes < MTU_BYTES_MIN || mtuBytes > 65_535) {
            throw new IllegalArgumentException("not in " + ipv4Prefix + ", or no MTU: " + mtuBytes);
        }
    }

    /**
     * The MTU for a device: what the largest interface of the underlay can carry over IPv6 and UDP. Each path's own
     * limit comes on top.
     *
     * @param linkMtuBytes of that interface, or 0 if unknown
     */
    public static int mtuBytesFor(int linkMtuBytes) {
        int link = linkMtuBytes == 0 ? ETHERNET_MTU : Math.min(linkMtuBytes, PathMtu.LINK_MTU_MAX);
        int frameBytes = link - PathMtu.HEADERS_IPV6_BYTES;
        return Math.max(MTU_BYTES_MIN, frameBytes - Session.PACKET_OVERHEAD_BYTES);
    }

    /** The last 64 bits of the IPv6 address that belongs to a virtual IPv4 address. */
    public static long ulaLow(int ipv4) {
        return ipv4 & LOW_32;
    }

    /** Whether an IPv6 address is one that a member of this namespace can have. */
    boolean isMember6(long high, long low) {
        return high == ulaHigh && low >>> 32 == 0;
    }

    /** Whether an IPv4 address means several hosts: multicast, broadcast, or the prefix's first or last one. */
    boolean isGroup4(int address) {
        int hostBits = ipv4Prefix.prefixLength() == 0 ? -1 : (1 << (32 - ipv4Prefix.prefixLength())) - 1;
        boolean endOfPrefix = hostBits != 0
                && hostBits != 1
                && ipv4Prefix.contains4(address)
                && ((address & hostBits) == 0 || (address & hostBits) == hostBits);
        return address >>> 28 >= 0xe || endOfPrefix;
    }

    /** Whether an IPv4 address is one that another member can have. */
    public boolean isMember4(int address) {
        return ipv4Prefix.contains4(address) && !isGroup4(address) && address != ipv4;
    }

    /** Whether an IPv6 address that begins so means several hosts. */
    static boolean isGroup6(long high) {
        return high >>> GROUP_SHIFT_6 == GROUP_6;
    }

    /** Whether an IPv4 address means every host of the namespace. */
    public boolean isBroadcast4(int address) {
        int hostBits = (1 << (32 - ipv4Prefix.prefixLength())) - 1;
        boolean last = isGroup4(address) && ipv4Prefix.contains4(address) && (address & hostBits) == hostBits;
        return last || address == -1;
    }
}

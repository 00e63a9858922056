package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TapDevice;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which stations of our side of the Ethernet have which addresses: the host, and guests with a lease. Immutable, and
 * shared by all parts of a device.
 */
final class Neighbours {
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;

    private final int own;
    private final Cidr prefix;
    private final long ulaHigh;
    private final long gatewayMac;
    private final long deviceMac;
    private final long hostMac;
    private final int[] addresses;
    private final long[] macs;
    private final byte[][] headers4;
    private final byte[][] headers6;
    private final byte[] host4;
    private final byte[] host6;

    /**
     * The host alone.
     *
     * @param own its address
     * @param gatewayMac ours, behind which all other members are
     * @param deviceMac of the device
     */
    Neighbours(int own, Cidr prefix, long ulaHigh, long gatewayMac, long deviceMac) {
        this(own, prefix, ulaHigh, gatewayMac, deviceMac, 0, new TreeMap<>());
    }

    private Neighbours(
            int own,
            Cidr prefix,
            long ulaHigh,
            long gatewayMac,
            long deviceMac,
            long hostMac,
            SortedMap<Integer, Long> guests) {
        this.own = own;
        this.prefix = prefix;
        this.ulaHigh = ulaHigh;
        this.gatewayMac = gatewayMac;
        this.deviceMac = deviceMac;
        this.hostMac = hostMac;
        int count = guests.size();
        addresses = new int[count];
        macs = new long[count];
        headers4 = new byte[count][];
        headers6 = new byte[count][];
        int at = 0;
        for (Map.Entry<Integer, Long> guest : guests.entrySet()) {
            addresses[at] = guest.getKey();
            macs[at] = guest.getValue();
            headers4[at] = header(guest.getValue(), gatewayMac, TYPE_IPV4);
            headers6[at] = header(guest.getValue(), gatewayMac, TYPE_IPV6);
            at++;
        }
        host4 = header(deviceMac, gatewayMac, TYPE_IPV4);
        host6 = header(deviceMac, gatewayMac, TYPE_IPV6);
    }

    /** The same with these guests, by address. */
    Neighbours withGuests(SortedMap<Integer, Long> guests) {
        return new Neighbours(own, prefix, ulaHigh, gatewayMac, deviceMac, hostMac, guests);
    }

    /** The same where the host's own frames come from that address as well. */
    Neighbours withHostMac(long mac) {
        TreeMap<Integer, Long> guests = new TreeMap<>();
        for (int i = 0; i < addresses.length; i++) {
            guests.put(addresses[i], macs[i]);
        }
        return new Neighbours(own, prefix, ulaHigh, gatewayMac, deviceMac, mac, guests);
    }

    static byte[] header(long destination, long source, int type) {
        byte[] header = new byte[TapDevice.HEADER_BYTES];
        MacAddress.put(header, 0, destination);
        MacAddress.put(header, 6, source);
        BigEndian.putShort(header, 12, type);
        return header;
    }

    int own() {
        return own;
    }

    long ulaHigh() {
        return ulaHigh;
    }

    long gatewayMac() {
        return gatewayMac;
    }

    Cidr prefix() {
        return prefix;
    }

    boolean isHost(long mac) {
        return mac == deviceMac || (mac == hostMac && mac != 0);
    }

    /** A guest has that address. */
    boolean isGuest(int ipv4) {
        return find(ipv4) >= 0;
    }

    /** Some station here has that address. */
    boolean isHere(int ipv4) {
        return ipv4 == own || isGuest(ipv4);
    }

    /** Whether that station has that address. */
    boolean isOf(long mac, int ipv4) {
        if (ipv4 == own) {
            return isHost(mac);
        }
        int at = find(ipv4);
        return at >= 0 && macs[at] == mac;
    }

    /** One of the namespace's addresses, that a single member can have. */
    boolean isMember(int ipv4) {
        int hosts = hostBits();
        int host = ipv4 & hosts;
        return prefix.contains4(ipv4) && host != 0 && host != hosts;
    }

    /** The address of all in the prefix, as hosts with that prefix length write it. */
    boolean isBroadcast(int ipv4) {
        return ipv4 == -1 || (prefix.contains4(ipv4) && (ipv4 & hostBits()) == hostBits());
    }

    private int hostBits() {
        return (1 << (32 - prefix.prefixLength())) - 1;
    }

    /** The header of a frame to whoever has that address here; null if nobody has. */
    byte @Nullable [] header4(int ipv4) {
        return header(ipv4, host4, headers4);
    }

    /** The same for the IPv6 address that belongs to it. */
    byte @Nullable [] header6(int ipv4) {
        return header(ipv4, host6, headers6);
    }

    private byte @Nullable [] header(int ipv4, byte[] host, byte[][] guests) {
        if (ipv4 == own) {
            return host;
        }
        int at = find(ipv4);
        return at < 0 ? null : guests[at];
    }

    private int find(int ipv4) {
        for (int i = 0; i < addresses.length; i++) {
            if (addresses[i] == ipv4) {
                return i;
            }
        }
        return -1;
    }
}

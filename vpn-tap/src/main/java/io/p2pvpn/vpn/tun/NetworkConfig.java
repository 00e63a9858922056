package io.p2pvpn.vpn.tun;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.vpn.packet.BigEndian;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and sets the host's devices, addresses and routes through rtnetlink. Each call is a short exchange with the
 * kernel. Not thread-safe; close it after use.
 */
public final class NetworkConfig implements AutoCloseable {
    private static final int RTM_NEWLINK = 16;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTM_GETADDR = 22;
    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;

    private static final int MAC_BYTES = 6;
    private static final int IFINFOMSG_LENGTH = 16;
    private static final int IFINFOMSG_INDEX_OFFSET = 4;
    private static final int IFINFOMSG_FLAGS_OFFSET = 8;
    private static final int IFINFOMSG_CHANGE_OFFSET = 12;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_TXQLEN = 13;

    private static final int IFADDRMSG_LENGTH = 8;
    private static final int IFADDRMSG_INDEX_OFFSET = 4;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_F_NODAD = 0x02;

    private static final int RTMSG_LENGTH = 12;
    private static final int RTMSG_TYPE_OFFSET = 7;
    private static final int RTN_UNICAST = 1;
    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;

    private static final Cidr LINK_LOCAL = Cidr.of6(0xfe80L << 48, 0, 10);
    private static final Cidr MULTICAST = Cidr.of6(0xffL << 56, 0, 8);

    private final Posix posix;
    private final Netlink netlink;

    private NetworkConfig(Posix posix) throws TunException {
        this.posix = posix;
        this.netlink = new Netlink(posix);
    }

    /** Opens the exchange with the kernel. */
    public static NetworkConfig open() throws TunException {
        return new NetworkConfig(Posix.get());
    }

    @Override
    public void close() {
        netlink.close();
    }

    /**
     * Sets MTU and queue length of a device and switches it on.
     *
     * @param queuePackets how many packets wait for the reader in each ring before the kernel drops
     */
    public void setUp(String device, int mtuBytes, int queuePackets) throws TunException {
        NativeBuffer request = netlink.begin(RTM_NEWLINK, 0, IFINFOMSG_LENGTH);
        request.putInt(Netlink.HEADER_LENGTH + IFINFOMSG_INDEX_OFFSET, indexOf(device));
        request.putInt(Netlink.HEADER_LENGTH + IFINFOMSG_FLAGS_OFFSET, LinuxConstants.IFF_UP);
        request.putInt(Netlink.HEADER_LENGTH + IFINFOMSG_CHANGE_OFFSET, LinuxConstants.IFF_UP);
        netlink.attribute(IFLA_MTU, mtuBytes);
        netlink.attribute(IFLA_TXQLEN, queuePackets);
        check(netlink.send((message, type, offset, end) -> {}), "cannot switch on " + device);
    }

    /** Gives an Ethernet device its own address; before it is switched on. */
    public void setHardwareAddress(String device, byte[] address) throws TunException {
        NativeBuffer request = netlink.begin(RTM_NEWLINK, 0, IFINFOMSG_LENGTH);
        request.putInt(Netlink.HEADER_LENGTH + IFINFOMSG_INDEX_OFFSET, indexOf(device));
        netlink.attribute(IFLA_ADDRESS, address);
        check(netlink.send((message, type, offset, end) -> {}), "cannot give " + device + " its hardware address");
    }

    /**
     * A device as the kernel has it.
     *
     * @param mac hardware address of Ethernet in the low 48 bits; 0 for none
     * @param masterIndex of the bridge that it is a port of, 0 if it is none
     */
    public record Link(String name, long mac, int masterIndex) {}

    /** Looks a device up; null if there is none of that name. */
    public @Nullable Link link(String device) throws TunException {
        int index = posix.if_nametoindex(device);
        return index == 0 ? null : link(index);
    }

    /** Looks a device up by its index; null if there is none. */
    public @Nullable Link link(int index) throws TunException {
        NativeBuffer request = netlink.begin(RTM_GETLINK, 0, IFINFOMSG_LENGTH);
        request.putInt(Netlink.HEADER_LENGTH + IFINFOMSG_INDEX_OFFSET, index);
        List<Link> found = new ArrayList<>();
        int errno = netlink.send((message, type, at, end) -> {
            byte[] name = find(message, at + IFINFOMSG_LENGTH, end, IFLA_IFNAME);
            byte[] address = find(message, at + IFINFOMSG_LENGTH, end, IFLA_ADDRESS);
            byte[] master = find(message, at + IFINFOMSG_LENGTH, end, IFLA_MASTER);
            if (type == RTM_NEWLINK && name != null) {
                found.add(new Link(
                        new String(name, 0, Math.max(0, name.length - 1), StandardCharsets.US_ASCII),
                        mac(address),
                        master == null ? 0 : intOf(master)));
            }
        });
        if (errno == LinuxConstants.ENODEV) {
            return null;
        }
        check(errno, "cannot look at a device");
        return found.isEmpty() ? null : found.get(0);
    }

    /** The devices that have an address. */
    public List<String> devicesWith(InetAddress address) throws TunException {
        List<Integer> indices = new ArrayList<>();
        int family = address instanceof Inet6Address ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET;
        netlink.begin(RTM_GETADDR, Netlink.FLAG_DUMP, IFADDRMSG_LENGTH).putByte(Netlink.HEADER_LENGTH, family);
        check(
                netlink.send((m, type, at, end) -> {
                    byte[] found = find(m, at + IFADDRMSG_LENGTH, end, IFA_ADDRESS);
                    if (type == RTM_NEWADDR && Arrays.equals(found, address.getAddress())) {
                        indices.add(m.getInt(at + IFADDRMSG_INDEX_OFFSET));
                    }
                }),
                "no addresses");
        List<String> names = new ArrayList<>();
        for (int index : indices) {
            Link link = link(index);
            if (link != null) {
                names.add(link.name());
            }
        }
        return names;
    }

    private static long mac(byte @Nullable [] address) {
        return address == null || address.length != MAC_BYTES
                ? 0
                : (long) BigEndian.getShort(address, 0) << 32 | (BigEndian.getInt(address, 2) & 0xffff_ffffL);
    }

    /** Takes an address off a device; nothing happens if it has it not. */
    public void removeAddress(String device, InetAddress address, int prefixLength) {
        int index = posix.if_nametoindex(device);
        if (index == 0) {
            return;
        }
        NativeBuffer request = netlink.begin(RTM_DELADDR, 0, IFADDRMSG_LENGTH);
        request.putByte(
                Netlink.HEADER_LENGTH,
                address instanceof Inet6Address ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET);
        request.putByte(Netlink.HEADER_LENGTH + 1, prefixLength);
        request.putInt(Netlink.HEADER_LENGTH + IFADDRMSG_INDEX_OFFSET, index);
        netlink.attribute(IFA_LOCAL, address.getAddress());
        netlink.attribute(IFA_ADDRESS, address.getAddress());
        var unused = netlink.send((message, type, offset, end) -> {});
    }

    /**
     * Gives a device an address; the route to its prefix follows from it. An IPv6 address is usable at once, as nobody
     * else can have it (no duplicate detection).
     *
     * @return false when the host has IPv6 switched off
     */
    public boolean addAddress(String device, InetAddress address, int prefixLength) throws TunException {
        boolean ipv6 = address instanceof Inet6Address;
        NativeBuffer request = netlink.begin(RTM_NEWADDR, Netlink.FLAG_CREATE_REPLACE, IFADDRMSG_LENGTH);
        request.putByte(Netlink.HEADER_LENGTH, ipv6 ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET);
        request.putByte(Netlink.HEADER_LENGTH + 1, prefixLength);
        request.putInt(Netlink.HEADER_LENGTH + IFADDRMSG_INDEX_OFFSET, indexOf(device));
        netlink.attribute(IFA_LOCAL, address.getAddress());
        netlink.attribute(IFA_ADDRESS, address.getAddress());
        if (ipv6) {
            netlink.attribute(IFA_FLAGS, IFA_F_NODAD);
        }
        int errno = netlink.send((message, type, offset, end) -> {});
        boolean ipv6Off = errno == LinuxConstants.EACCES
                || errno == LinuxConstants.EOPNOTSUPP
                || errno == LinuxConstants.EAFNOSUPPORT;
        if (ipv6 && ipv6Off) {
            return false;
        }
        check(errno, "cannot give " + device + " the address " + address.getHostAddress());
        return true;
    }

    /**
     * The prefixes that this host's addresses and routes hold already, default routes, IPv6 link-local and multicast
     * ones left out.
     *
     * @param excludedDevice whose addresses and routes do not count, or null
     */
    public List<Cidr> localPrefixes(@Nullable String excludedDevice) throws TunException {
        int excluded = excludedDevice == null ? 0 : posix.if_nametoindex(excludedDevice);
        Set<Cidr> prefixes = new LinkedHashSet<>();
        for (int family : new int[] {LinuxConstants.AF_INET, LinuxConstants.AF_INET6}) {
            netlink.begin(RTM_GETADDR, Netlink.FLAG_DUMP, IFADDRMSG_LENGTH).putByte(Netlink.HEADER_LENGTH, family);
            check(netlink.send((m, type, at, end) -> onAddress(m, type, at, end, excluded, prefixes)), "no addresses");
            netlink.begin(RTM_GETROUTE, Netlink.FLAG_DUMP, RTMSG_LENGTH).putByte(Netlink.HEADER_LENGTH, family);
            check(netlink.send((m, type, at, end) -> onRoute(m, type, at, end, excluded, prefixes)), "no routes");
        }
        return new ArrayList<>(prefixes);
    }

    private static void onAddress(NativeBuffer m, int type, int at, int end, int excluded, Set<Cidr> prefixes) {
        if (type == RTM_NEWADDR && m.getInt(at + IFADDRMSG_INDEX_OFFSET) != excluded) {
            add(find(m, at + IFADDRMSG_LENGTH, end, IFA_ADDRESS), m.getByte(at + 1) & 0xff, prefixes);
        }
    }

    private static void onRoute(NativeBuffer m, int type, int at, int end, int excluded, Set<Cidr> prefixes) {
        if (type != RTM_NEWROUTE || m.getByte(at + RTMSG_TYPE_OFFSET) != RTN_UNICAST) {
            return;
        }
        byte[] device = find(m, at + RTMSG_LENGTH, end, RTA_OIF);
        boolean counts = excluded == 0 || device == null || intOf(device) != excluded;
        if (counts) {
            add(find(m, at + RTMSG_LENGTH, end, RTA_DST), m.getByte(at + 1) & 0xff, prefixes);
        }
    }

    private static int intOf(byte[] value) {
        NativeBuffer buffer = NativeBuffer.allocate(Integer.BYTES);
        buffer.put(0, value, 0, Math.min(value.length, Integer.BYTES));
        return buffer.getInt(0);
    }

    /** A default route has no destination. */
    private static void add(byte @Nullable [] address, int prefixLength, Set<Cidr> prefixes) {
        Cidr prefix = address == null ? null : Cidr.of(address, prefixLength);
        if (prefix != null && prefixLength > 0 && !LINK_LOCAL.contains(prefix) && !MULTICAST.contains(prefix)) {
            prefixes.add(prefix);
        }
    }

    private static byte @Nullable [] find(NativeBuffer message, int from, int end, int attribute) {
        int at = from;
        while (at + Netlink.ATTRIBUTE_HEADER_LENGTH <= end) {
            int bytes = message.getShort(at) & 0xffff;
            if (bytes < Netlink.ATTRIBUTE_HEADER_LENGTH || bytes > end - at) {
                return null;
            }
            if ((message.getShort(at + 2) & 0x3fff) == attribute) {
                byte[] value = new byte[bytes - Netlink.ATTRIBUTE_HEADER_LENGTH];
                message.get(at + Netlink.ATTRIBUTE_HEADER_LENGTH, value, 0, value.length);
                return value;
            }
            at += Netlink.aligned(bytes);
        }
        return null;
    }

    private int indexOf(String device) throws TunException {
        int index = posix.if_nametoindex(device);
        if (index == 0) {
            throw new TunException("no device named " + device, "was it removed by someone else?", false);
        }
        return index;
    }

    private void check(int errno, String problem) throws TunException {
        if (errno == LinuxConstants.EPERM || errno == LinuxConstants.EACCES) {
            throw TunOpener.notPermitted(problem);
        }
        if (errno != 0) {
            throw new TunException(problem, posix.strerror(errno), false);
        }
    }
}

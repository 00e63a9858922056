package io.p2pvpn.overlay.host;

import static io.p2pvpn.overlay.posix.LinuxConstants.AF_INET;
import static io.p2pvpn.overlay.posix.LinuxConstants.AF_INET6;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPPROTO_IP;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPPROTO_IPV6;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPV6_MTU_DISCOVER;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPV6_RECVTCLASS;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPV6_V6ONLY;
import static io.p2pvpn.overlay.posix.LinuxConstants.IP_MTU_DISCOVER;
import static io.p2pvpn.overlay.posix.LinuxConstants.IP_PMTUDISC_DONT;
import static io.p2pvpn.overlay.posix.LinuxConstants.IP_PMTUDISC_OMIT;
import static io.p2pvpn.overlay.posix.LinuxConstants.IP_PMTUDISC_PROBE;
import static io.p2pvpn.overlay.posix.LinuxConstants.IP_RECVTOS;
import static io.p2pvpn.overlay.posix.LinuxConstants.SOCK_CLOEXEC;
import static io.p2pvpn.overlay.posix.LinuxConstants.SOCK_DGRAM;
import static io.p2pvpn.overlay.posix.LinuxConstants.SOCK_NONBLOCK;
import static io.p2pvpn.overlay.posix.LinuxConstants.SOL_SOCKET;
import static io.p2pvpn.overlay.posix.LinuxConstants.SOL_UDP;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_RCVBUF;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_RCVBUFFORCE;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_REUSEPORT;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_SNDBUF;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_SNDBUFFORCE;
import static io.p2pvpn.overlay.posix.LinuxConstants.UDP_GRO;
import static io.p2pvpn.overlay.posix.LinuxConstants.UDP_SEGMENT;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.lang.ref.Reference;
import java.net.Inet4Address;

/**
 * Makes a UDP socket as the data path wants it.
 *
 * <p>Fragmentation. Frames are as long as the path carries whole, which padded probes find out. Until then, and for
 * the packets that cannot be shorter, they may be fragmented rather than lost, so the "don't fragment" bit is on for
 * probes only ({@link #setUncut}). For IPv4 that is IP_PMTUDISC_OMIT: unlike _DONT it ignores what ICMP claims about
 * the path, so that a forged message can neither shrink our packets nor make the kernel refuse UDP_SEGMENT (it does if
 * a segment exceeds the path MTU it believes in); routers fragment. IPv6 routers do not, so there _DONT it is: the
 * kernel learns the path MTU and fragments at the source.
 *
 * @param fd the bound, non-blocking descriptor; its holder closes it
 * @param ipv6 whether it is an AF_INET6 socket (which serves IPv4 too when bound to all addresses)
 * @param port the port it is bound to
 * @param segmentation whether the kernel knows UDP_SEGMENT
 */
record UdpDescriptor(int fd, boolean ipv6, int port, boolean segmentation) {
    /** A burst of many peers must fit while the loop is busy elsewhere. */
    private static final int RECEIVE_BUFFER_BYTES = 16 << 20;

    /** Makes a socket and binds it. */
    static UdpDescriptor open(ListenAddress where, SocketHook hook) throws HostException {
        return open(where, hook, false);
    }

    /** Makes a socket and binds it to a port that another socket of ours is bound to, and shares. */
    static UdpDescriptor openSharing(ListenAddress where, SocketHook hook) throws HostException {
        return open(where, hook, true);
    }

    private static UdpDescriptor open(ListenAddress where, SocketHook hook, boolean sharing) throws HostException {
        boolean ipv6 = !(where.address() instanceof Inet4Address);
        int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        int fd = Posix.get().socket(ipv6 ? AF_INET6 : AF_INET, type, 0);
        if (fd < 0 && where.address() == null && Posix.lastErrno() == LinuxConstants.EAFNOSUPPORT) {
            ipv6 = false;
            fd = Posix.get().socket(AF_INET, type, 0);
        }
        if (fd < 0) {
            throw new HostException("cannot make a UDP socket for " + where + ": " + SocketOptions.lastError());
        }
        try {
            boolean segmentation = configure(fd, ipv6, where.address() == null);
            hook.beforeBind(fd);
            if (sharing) {
                SocketOptions.set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
            }
            int port = bind(fd, ipv6, where);
            return new UdpDescriptor(fd, ipv6, port, segmentation);
        } catch (HostException e) {
            Posix.get().close(fd);
            throw e;
        }
    }

    private static boolean configure(int fd, boolean ipv6, boolean bothFamilies) {
        if (ipv6) {
            SocketOptions.set(fd, IPPROTO_IPV6, IPV6_V6ONLY, bothFamilies ? 0 : 1);
        }
        setUncut(fd, false);
        if (!SocketOptions.set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)) {
            SocketOptions.set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        }
        setSendBytes(fd, SendGovernor.BYTES_AT_FIRST / 2);
        SocketOptions.set(fd, SOL_UDP, UDP_GRO, 1);
        // What comes over IPv4 to a socket of both families is told by IPv4's option.
        SocketOptions.set(fd, IPPROTO_IP, IP_RECVTOS, 1);
        if (ipv6) {
            SocketOptions.set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
        }
        return SocketOptions.set(fd, SOL_UDP, UDP_SEGMENT, 0);
    }

    /** Sets how many bytes may wait in the socket, with what the kernel adds to each frame or batch. */
    static void setSendBytes(int fd, int bytes) {
        // The kernel doubles it.
        int value = bytes / 2;
        if (!SocketOptions.set(fd, SOL_SOCKET, SO_SNDBUFFORCE, value)) {
            SocketOptions.set(fd, SOL_SOCKET, SO_SNDBUF, value);
        }
    }

    /**
     * Sets the "don't fragment" bit of what is sent from now on, or clears it. IP_PMTUDISC_PROBE takes no notice of
     * what ICMP claims either: a frame that the interface takes leaves.
     */
    static void setUncut(int fd, boolean uncut) {
        SocketOptions.set(fd, IPPROTO_IP, IP_MTU_DISCOVER, uncut ? IP_PMTUDISC_PROBE : IP_PMTUDISC_OMIT);
        // Refused where the socket knows IPv4 only.
        SocketOptions.set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, uncut ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT);
    }

    private static int bind(int fd, boolean ipv6, ListenAddress where) throws HostException {
        NativeBuffer name = NativeBuffer.allocate(SocketAddresses.BYTES_MAX);
        NativeBuffer length = NativeBuffer.allocate(Integer.BYTES);
        byte[] sockaddr = SocketAddresses.encodeLocal(ipv6, where.address(), where.port());
        name.put(0, sockaddr, 0, sockaddr.length);
        length.putInt(0, SocketAddresses.BYTES_MAX);
        try {
            if (Posix.get().bind(fd, name.address(), sockaddr.length) != 0) {
                throw BindFailure.of("UDP", where, Posix.lastErrno());
            }
            if (Posix.get().getsockname(fd, name.address(), length.address()) != 0) {
                throw new HostException("cannot learn the port of " + where + ": " + SocketOptions.lastError());
            }
            return SocketAddresses.portOf(name);
        } finally {
            Reference.reachabilityFence(name);
            Reference.reachabilityFence(length);
        }
    }
}

package io.p2pvpn.overlay.posix;

/**
 * Numbers of the Linux kernel's headers, as they are on x86_64 and on aarch64 (both use the generic ones), and the
 * layout of the structures that cross the system call border on 64-bit machines.
 */
public final class LinuxConstants {
    // fcntl.h
    public static final int O_RDWR = 0x2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;

    // socket.h
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;

    public static final int SOL_SOCKET = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_ERROR = 4;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_REUSEPORT = 15;
    public static final int SO_BINDTODEVICE = 25;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_MARK = 36;
    public static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    public static final int IPPROTO_IP = 0;
    public static final int IPPROTO_UDP = 17;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IP_TOS = 1;
    public static final int IP_TTL = 2;
    public static final int IPV6_UNICAST_HOPS = 16;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IPV6_MTU_DISCOVER = 23;
    public static final int IP_PMTUDISC_DONT = 0;
    public static final int IP_PMTUDISC_WANT = 1;
    public static final int IP_PMTUDISC_DO = 2;
    public static final int IP_PMTUDISC_PROBE = 3;
    public static final int IP_PMTUDISC_OMIT = 5;
    public static final int IP_RECVTOS = 13;
    public static final int IPV6_V6ONLY = 26;
    public static final int IPV6_RECVTCLASS = 66;
    public static final int IPV6_TCLASS = 67;
    public static final int SOL_UDP = 17;
    public static final int UDP_SEGMENT = 103;
    public static final int UDP_GRO = 104;

    // if_tun.h, if.h
    public static final long TUNSETIFF = 0x400454caL;
    public static final long TUNSETOFFLOAD = 0x400454d0L;
    public static final long TUNSETVNETHDRSZ = 0x400454d8L;
    public static final int IFF_TUN = 0x1;
    public static final int IFF_TAP = 0x2;
    public static final int IFF_MULTI_QUEUE = 0x100;
    public static final int IFF_NO_PI = 0x1000;
    public static final int IFF_VNET_HDR = 0x4000;
    public static final int TUN_F_CSUM = 0x1;
    public static final int TUN_F_TSO4 = 0x2;
    public static final int TUN_F_TSO6 = 0x4;
    public static final int TUN_F_TSO_ECN = 0x8;
    public static final int TUN_F_USO4 = 0x20;
    public static final int TUN_F_USO6 = 0x40;
    public static final int IFNAMSIZ = 16;
    /** Size of {@code struct ifreq}: a name of {@link #IFNAMSIZ} bytes, then a union (flags, MTU, address). */
    public static final int IFREQ_BYTES = 40;

    /** How many bytes of a socket have not left yet, with the kernel's own for them. */
    public static final long SIOCOUTQ = 0x5411L;

    public static final long SIOCGIFFLAGS = 0x8913L;
    public static final long SIOCSIFFLAGS = 0x8914L;
    public static final long SIOCSIFADDR = 0x8916L;
    public static final long SIOCSIFNETMASK = 0x891cL;
    public static final long SIOCSIFMTU = 0x8922L;
    public static final int IFF_UP = 0x1;
    public static final int IFF_RUNNING = 0x40;

    // errno.h
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int EBADFD = 77;
    public static final int EDESTADDRREQ = 89;
    public static final int EMSGSIZE = 90;
    public static final int ENOPROTOOPT = 92;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;

    // struct iovec, msghdr, mmsghdr, cmsghdr
    public static final int IOVEC_BYTES = 16;
    public static final int IOVEC_BASE_OFFSET = 0;
    public static final int IOVEC_LENGTH_OFFSET = 8;
    public static final int MMSGHDR_BYTES = 64;
    public static final int MSGHDR_NAME_OFFSET = 0;
    public static final int MSGHDR_NAME_LENGTH_OFFSET = 8;
    public static final int MSGHDR_IOV_OFFSET = 16;
    public static final int MSGHDR_IOV_COUNT_OFFSET = 24;
    public static final int MSGHDR_CONTROL_OFFSET = 32;
    public static final int MSGHDR_CONTROL_LENGTH_OFFSET = 40;
    public static final int MSGHDR_FLAGS_OFFSET = 48;
    public static final int MMSGHDR_LENGTH_OFFSET = 56;
    public static final int CMSG_LENGTH_OFFSET = 0;
    public static final int CMSG_LEVEL_OFFSET = 8;
    public static final int CMSG_TYPE_OFFSET = 12;
    public static final int CMSG_DATA_OFFSET = 16;
    public static final int SOCKADDR_IN_BYTES = 16;
    public static final int SOCKADDR_IN6_BYTES = 28;

    private LinuxConstants() {}
}

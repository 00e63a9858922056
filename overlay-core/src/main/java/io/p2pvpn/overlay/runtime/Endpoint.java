package io.p2pvpn.overlay.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a node can be reached on the underlay: a transport, an IP address and a port. Immutable.
 *
 * <p>Text form: {@code udp://192.0.2.7:4001}, {@code tcp://[2001:db8::1]:4001}, {@code tls://192.0.2.7:443}.
 */
public final class Endpoint implements Comparable<Endpoint> {
    /** How bytes travel there. The declared order is the order of preference. */
    public enum Kind {
        /** One frame is one datagram. */
        UDP(1),
        /** Frames follow each other on a stream, each behind a two-byte length. */
        TCP(2),
        /** The same inside TLS, which looks like web traffic and protects nothing: for networks that allow no other. */
        TLS(3);

        private final int wireId;

        Kind(int wireId) {
            this.wireId = wireId;
        }

        /** The number that stands for this kind in messages. */
        public int wireId() {
            return wireId;
        }

        /** The kind of that number, or null. */
        public static @Nullable Kind ofWireId(int wireId) {
            return switch (wireId) {
                case 1 -> UDP;
                case 2 -> TCP;
                case 3 -> TLS;
                default -> null;
            };
        }
    }

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final int IPV4_BYTES = 4;
    private static final int FNV_BASIS = 0x811C9DC5;
    private static final int FNV_PRIME = 0x01000193;

    /** Its number on the wire: a byte, not a reference, as there are so many endpoints. */
    private final byte kind;

    /** The address, unless it is of IPv6: a node remembers hundreds of endpoints, and few of them need an array. */
    private final int ipv4;

    private final byte @Nullable [] ipv6;
    private final char port;
    private final int hash;

    private Endpoint(Kind kind, byte[] address, int port) {
        this.kind = (byte) kind.wireId();
        this.ipv4 = address.length == IPV4_BYTES ? (int) INT.get(address, 0) : 0;
        this.ipv6 = address.length == IPV4_BYTES ? null : address;
        this.port = (char) port;
        this.hash = hash(kind, address, port);
    }

    /** FNV-1a: the sum of Arrays.hashCode is the same for many addresses of one network. */
    private static int hash(Kind kind, byte[] address, int port) {
        int hash = (FNV_BASIS ^ kind.wireId()) * FNV_PRIME;
        for (byte part : address) {
            hash = (hash ^ (part & 0xff)) * FNV_PRIME;
        }
        hash = (hash ^ (port >>> Byte.SIZE)) * FNV_PRIME;
        return (hash ^ (port & 0xff)) * FNV_PRIME;
    }

    /** An endpoint from raw address bytes (4 or 16; IPv4-mapped IPv6 becomes IPv4), or null if they cannot be one. */
    public static @Nullable Endpoint of(Kind kind, byte[] address, int port) {
        if (port < 1 || port > 65535 || (address.length != 4 && address.length != 16)) {
            return null;
        }
        return new Endpoint(kind, unmapped(address), port);
    }

    /** An endpoint from a resolved address. */
    public static Endpoint of(Kind kind, InetAddress address, int port) {
        Endpoint endpoint = of(kind, address.getAddress(), port);
        if (endpoint == null) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        return endpoint;
    }

    private static byte[] unmapped(byte[] address) {
        if (address.length == 16 && address[10] == -1 && address[11] == -1) {
            for (int i = 0; i < 10; i++) {
                if (address[i] != 0) {
                    return address.clone();
                }
            }
            return Arrays.copyOfRange(address, 12, 16);
        }
        return address.clone();
    }

    /** How bytes travel. */
    public Kind kind() {
        return Objects.requireNonNull(Kind.ofWireId(kind));
    }

    /** The same address and port over another transport. */
    public Endpoint withKind(Kind other) {
        return new Endpoint(other, bytes(), port);
    }

    /** The port, 1 to 65535. */
    public int port() {
        return port;
    }

    /** True for IPv6. */
    public boolean isIpv6() {
        return ipv6 != null;
    }

    /** A copy of the 4 or 16 address bytes. */
    public byte[] addressBytes() {
        byte[] bytes = bytes();
        return bytes == ipv6 ? bytes.clone() : bytes;
    }

    /** The address bytes, not to be written to. */
    private byte[] bytes() {
        byte[] bytes = ipv6;
        if (bytes == null) {
            bytes = new byte[IPV4_BYTES];
            INT.set(bytes, 0, ipv4);
        }
        return bytes;
    }

    /** The address as the JDK knows it. */
    public InetAddress address() {
        try {
            return InetAddress.getByAddress(bytes());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** True for addresses nobody can be reached at: unspecified, multicast, broadcast. */
    public boolean isUnusable() {
        InetAddress inet = address();
        boolean broadcast = ipv6 == null && ipv4 == -1;
        return inet.isAnyLocalAddress() || inet.isMulticastAddress() || broadcast;
    }

    /** True unless the address means something only near by: private, carrier's, link-local or loopback ones. */
    public boolean isGlobal() {
        InetAddress inet = address();
        boolean near = inet.isLoopbackAddress() || inet.isLinkLocalAddress() || inet.isSiteLocalAddress();
        // RFC 6598 (100.64.0.0/10) and RFC 4193 (fc00::/7).
        boolean carriers = ipv6 == null && ipv4 >>> 22 == (100 << 2 | 1);
        boolean uniqueLocal = ipv6 != null && (ipv6[0] & 0xFE) == 0xFC;
        return !near && !carriers && !uniqueLocal && !isUnusable();
    }

    @Override
    public int compareTo(Endpoint other) {
        int order = kind().compareTo(other.kind());
        if (order == 0) {
            order = ipv6 == null && other.ipv6 == null
                    ? Integer.compareUnsigned(ipv4, other.ipv4)
                    : Arrays.compareUnsigned(bytes(), other.bytes());
        }
        return order != 0 ? order : Integer.compare(port, other.port);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Endpoint that
                && that.port == port
                && that.kind == kind
                && that.ipv4 == ipv4
                && Arrays.equals(that.ipv6, ipv6);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@code host:port}, IPv6 in brackets. */
    public String toHostPort() {
        String host = address().getHostAddress();
        return (isIpv6() ? "[" + host + "]" : host) + ":" + port();
    }

    @Override
    public String toString() {
        return kind().name().toLowerCase(Locale.ROOT) + "://" + toHostPort();
    }
}

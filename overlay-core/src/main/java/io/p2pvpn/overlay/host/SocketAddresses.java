package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns endpoints into {@code struct sockaddr}s of one socket and back, remembering recent ones so that packets of
 * known peers make no objects. Both memories are bounded. Confined to the loop.
 *
 * <p>An AF_INET6 socket that serves both families writes IPv4 as {@code ::ffff:a.b.c.d} (RFC 4291 section 2.5.5.2).
 */
final class SocketAddresses {
    /** Room for either structure. */
    static final int BYTES_MAX = 32;

    private static final int REMEMBERED_TARGETS = 1024;
    private static final int REMEMBERED_SENDERS = 256;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final boolean ipv6;
    private final Map<Endpoint, byte[]> targets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Endpoint, byte[]> eldest) {
            return size() > REMEMBERED_TARGETS;
        }
    };
    private final long[] senderHigh = new long[REMEMBERED_SENDERS];
    private final long[] senderLow = new long[REMEMBERED_SENDERS];
    private final int[] senderPort = new int[REMEMBERED_SENDERS];
    private final @Nullable Endpoint[] senders = new Endpoint[REMEMBERED_SENDERS];

    /** For a socket of AF_INET6 or AF_INET. */
    SocketAddresses(boolean ipv6) {
        this.ipv6 = ipv6;
    }

    /** The structure for {@code endpoint}; not to be changed. Null when this socket cannot reach its family. */
    byte @Nullable [] sockaddr(Endpoint endpoint) {
        byte[] known = targets.get(endpoint);
        if (known != null) {
            return known;
        }
        if (endpoint.isIpv6() && !ipv6) {
            return null;
        }
        byte[] encoded = encode(ipv6, endpoint.addressBytes(), endpoint.port());
        targets.put(endpoint, encoded);
        return encoded;
    }

    /** The UDP endpoint of the structure at {@code offset}; null for port 0, which nobody can answer. */
    @Nullable
    Endpoint sender(NativeBuffer buffer, int offset) {
        int port = bigEndian(buffer.getShort(offset + 2));
        long high = ipv6 ? buffer.getLong(offset + 8) : 0;
        long low = ipv6 ? buffer.getLong(offset + 16) : buffer.getInt(offset + 4);
        int mixed = Long.hashCode((high * 31 + low) * 31 + port) * 0x9E3779B9;
        int slot = (mixed >>> 16) % REMEMBERED_SENDERS;
        Endpoint known = senders[slot];
        if (known != null && senderLow[slot] == low && senderHigh[slot] == high && senderPort[slot] == port) {
            return known;
        }
        byte[] address = new byte[ipv6 ? 16 : 4];
        buffer.get(offset + (ipv6 ? 8 : 4), address, 0, address.length);
        Endpoint sender = Endpoint.of(Kind.UDP, address, port);
        senderHigh[slot] = high;
        senderLow[slot] = low;
        senderPort[slot] = port;
        senders[slot] = sender;
        return sender;
    }

    /** The structure for an address and a port; an IPv4 address is mapped when {@code ipv6}. */
    static byte[] encode(boolean ipv6, byte[] address, int port) {
        byte[] bytes = new byte[ipv6 ? LinuxConstants.SOCKADDR_IN6_BYTES : LinuxConstants.SOCKADDR_IN_BYTES];
        bytes[LITTLE_ENDIAN ? 0 : 1] = (byte) (ipv6 ? LinuxConstants.AF_INET6 : LinuxConstants.AF_INET);
        bytes[2] = (byte) (port >>> 8);
        bytes[3] = (byte) port;
        int at = ipv6 ? 8 : 4;
        if (ipv6 && address.length == 4) {
            bytes[18] = -1;
            bytes[19] = -1;
            at = 20;
        }
        System.arraycopy(address, 0, bytes, at, address.length);
        return bytes;
    }

    /** Whether what is sent to this structure leaves as an IPv4 packet. */
    static boolean isIpv4(byte[] sockaddr) {
        if (sockaddr.length == LinuxConstants.SOCKADDR_IN_BYTES) {
            return true;
        }
        for (int i = 8; i < 18; i++) {
            if (sockaddr[i] != 0) {
                return false;
            }
        }
        return sockaddr[18] == -1 && sockaddr[19] == -1;
    }

    /** The port of the structure at the start of {@code buffer}. */
    static int portOf(NativeBuffer buffer) {
        return bigEndian(buffer.getShort(2));
    }

    /** The structure that binds to {@code address}, or to everything when that is null. */
    static byte[] encodeLocal(boolean ipv6, @Nullable InetAddress address, int port) {
        return encode(ipv6, address == null ? new byte[ipv6 ? 16 : 4] : address.getAddress(), port);
    }

    private static int bigEndian(short value) {
        return (LITTLE_ENDIAN ? Short.reverseBytes(value) : value) & 0xffff;
    }
}

package io.p2pvpn.vpn.namespace;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Virtual addresses as text. A member's IPv6 address is the namespace's /64 with the IPv4 address as its low bits. */
public final class Addresses {
    private static final long LOW_32 = 0xffff_ffffL;

    private Addresses() {}

    /** Dotted decimal. */
    public static String text4(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "." + (address & 0xff);
    }

    /** The IPv6 address that belongs to a virtual IPv4 address. */
    public static String text6(long ulaHigh, int ipv4) {
        try {
            byte[] bytes = ByteBuffer.allocate(16)
                    .putLong(ulaHigh)
                    .putLong(ipv4 & LOW_32)
                    .array();
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The IPv4 address that a text names, itself or as the low bits of an IPv6 address; null if it is no address.
     * Nothing is looked up.
     */
    public static @Nullable Integer parse(String text) {
        // InetAddress would ask a resolver for what looks like an address and is none.
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        return bytes == null ? null : ByteBuffer.wrap(bytes).getInt(bytes.length - Integer.BYTES);
    }
}

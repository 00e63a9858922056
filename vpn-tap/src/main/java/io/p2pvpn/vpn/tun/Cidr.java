package io.p2pvpn.vpn.tun;

import io.netty.util.NetUtil;
import io.p2pvpn.vpn.packet.BigEndian;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 prefix, such as {@code 10.128.0.0/16}. Immutable; bits behind the prefix are zero.
 *
 * @param version 4 or 6
 * @param high the first 64 bits of an IPv6 address, 0 for IPv4
 * @param low the last 64 bits of an IPv6 address; an IPv4 address in its low 32 bits
 * @param prefixLength 0 to 32, or to 128
 */
public record Cidr(int version, long high, long low, int prefixLength) {
    private static final long LOW_32 = 0xffff_ffffL;

    /**
     * Clears the bits behind the prefix.
     *
     * @throws IllegalArgumentException when version or prefix length cannot be
     */
    public Cidr {
        if ((version != 4 && version != 6) || prefixLength < 0 || prefixLength > (version == 4 ? 32 : 128)) {
            throw new IllegalArgumentException("not a prefix: IPv" + version + " /" + prefixLength);
        }
        high = version == 4 ? 0 : high & mask(Math.min(prefixLength, 64));
        low = version == 4
                ? low & LOW_32 & mask(32 + prefixLength)
                : low & (prefixLength <= 64 ? 0 : mask(prefixLength - 64));
    }

    private static long mask(int bits) {
        return bits == 0 ? 0 : -1L << (64 - bits);
    }

    /** The IPv4 prefix that holds the address. */
    public static Cidr of4(int address, int prefixLength) {
        return new Cidr(4, 0, address, prefixLength);
    }

    /** The IPv6 prefix that holds the address. */
    public static Cidr of6(long high, long low, int prefixLength) {
        return new Cidr(6, high, low, prefixLength);
    }

    /** The prefix that holds an address of 4 or 16 bytes; null when either cannot be. */
    public static @Nullable Cidr of(byte[] address, int prefixLength) {
        if (prefixLength < 0 || prefixLength > address.length * 8) {
            return null;
        }
        return switch (address.length) {
            case 4 -> of4(BigEndian.getInt(address, 0), prefixLength);
            case 16 -> of6(BigEndian.getLong(address, 0), BigEndian.getLong(address, 8), prefixLength);
            default -> null;
        };
    }

    /** Reads {@code address/length}, or an address alone, which is a prefix of full length; null when it is neither. */
    public static @Nullable Cidr parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] address = host.indexOf('%') < 0 && host.indexOf('[') < 0
                ? NetUtil.createByteArrayFromIpAddressString(host)
                : null;
        if (address == null) {
            return null;
        }
        String length = slash < 0 ? Integer.toString(address.length * 8) : text.substring(slash + 1);
        if (!length.matches("[0-9]{1,3}")) {
            return null;
        }
        return of(address, Integer.parseInt(length));
    }

    /** Whether the prefix holds the IPv4 address. */
    public boolean contains4(int address) {
        return version == 4 && (address & LOW_32 & mask(32 + prefixLength)) == low;
    }

    /** Whether the prefix holds the IPv6 address. */
    public boolean contains6(long addressHigh, long addressLow) {
        return version == 6 && new Cidr(6, addressHigh, addressLow, prefixLength).equals(this);
    }

    /** Whether every address of the other prefix is in this one. */
    public boolean contains(Cidr other) {
        return other.version == version
                && other.prefixLength >= prefixLength
                && new Cidr(version, other.high, other.low, prefixLength).equals(this);
    }

    /** Whether some address is in both. */
    public boolean overlaps(Cidr other) {
        return contains(other) || other.contains(this);
    }

    /** The 4 or 16 bytes of the first address. */
    public byte[] addressBytes() {
        byte[] bytes = new byte[version == 4 ? 4 : 16];
        if (version == 4) {
            BigEndian.putInt(bytes, 0, (int) low);
        } else {
            BigEndian.putLong(bytes, 0, high);
            BigEndian.putLong(bytes, 8, low);
        }
        return bytes;
    }

    /** {@code address/length}. */
    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(addressBytes()).getHostAddress() + "/" + prefixLength;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}

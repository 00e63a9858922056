package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.vpn.packet.BigEndian;
import java.nio.charset.StandardCharsets;

/** Hardware addresses (EUI-48) as the low 48 bits of a number. */
final class MacAddress {
    static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final long GROUP_BIT = 1L << 40;
    private static final long MASK = 0xffff_ffff_ffffL;
    /** Bridge and other link protocols (IEEE 802.1Q table 8-1): 01:80:c2:00:00:00 to 0f. */
    private static final long RESERVED = 0x0180_c200_0000L;

    private static final long IPV4_GROUPS = 0x0100_5e00_0000L;
    private static final long IPV6_GROUPS = 0x3333_0000_0000L;

    private MacAddress() {}

    /** The 6 bytes at {@code offset}; two more must follow. */
    static long get(byte[] buffer, int offset) {
        return BigEndian.getLong(buffer, offset) >>> 16;
    }

    static void put(byte[] buffer, int offset, long address) {
        BigEndian.putShort(buffer, offset, (int) (address >>> 32));
        BigEndian.putInt(buffer, offset + 2, (int) address);
    }

    static byte[] bytes(long address) {
        byte[] bytes = new byte[6];
        put(bytes, 0, address);
        return bytes;
    }

    /** Of 6 bytes; 0 for any other number of them. */
    static long of(byte[] bytes) {
        return bytes.length == 6 ? (long) BigEndian.getShort(bytes, 0) << 32 | unsigned(bytes) : 0;
    }

    private static long unsigned(byte[] bytes) {
        return BigEndian.getInt(bytes, 2) & 0xffff_ffffL;
    }

    /** For several stations. */
    static boolean isGroup(long address) {
        return (address & GROUP_BIT) != 0;
    }

    static boolean isReserved(long address) {
        return (address & ~0xfL) == RESERVED;
    }

    /** A station can have it. */
    static boolean isStation(long address) {
        return address != 0 && !isGroup(address) && (address & ~MASK) == 0;
    }

    /**
     * Locally administered, made of what is to have it, the same at each start.
     *
     * @param first its first byte, for one station
     */
    static long derived(int first, String what, byte[] id) {
        byte[] digest = Digests.sha256(("p2pvpn ethernet " + what).getBytes(StandardCharsets.US_ASCII), id);
        return (long) first << 40 | BigEndian.getLong(digest, 0) >>> 24;
    }

    /** Of an IPv4 group (RFC 1112 section 6.4). */
    static long ofGroup4(int group) {
        return IPV4_GROUPS | (group & 0x7f_ffff);
    }

    /** Of an IPv6 group (RFC 2464 section 7). */
    static long ofGroup6(int lastBits) {
        return IPV6_GROUPS | (lastBits & 0xffff_ffffL);
    }

    static String text(long address) {
        StringBuilder text = new StringBuilder();
        for (int shift = 40; shift >= 0; shift -= 8) {
            int octet = (int) (address >>> shift) & 0xff;
            text.append(Character.forDigit(octet >> 4, 16)).append(Character.forDigit(octet & 0xf, 16));
            text.append(shift > 0 ? ":" : "");
        }
        return text.toString();
    }
}

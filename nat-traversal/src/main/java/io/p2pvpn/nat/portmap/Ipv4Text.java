package io.p2pvpn.nat.portmap;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** IPv4 addresses as text, and which of them the whole Internet can reach. */
final class Ipv4Text {
    private static final int PARTS = 4;
    private static final int PART_MAX = 255;
    /** Blocks that are not globally reachable (IANA special-purpose registry, RFC 6890): address, prefix length. */
    private static final int[][] SPECIAL = {
        {0x00000000, 8},
        {0x0A000000, 8},
        {0x64400000, 10},
        {0x7F000000, 8},
        {0xA9FE0000, 16},
        {0xAC100000, 12},
        {0xC0000000, 24},
        {0xC0000200, 24},
        {0xC0A80000, 16},
        {0xC6120000, 15},
        {0xC6336400, 24},
        {0xCB007100, 24},
        {0xE0000000, 3}
    };

    private Ipv4Text() {}

    /** The four bytes of a dotted address, or null. */
    static byte @Nullable [] parse(String text) {
        if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            return null;
        }
        String[] parts = text.split("\\.", -1);
        byte[] address = new byte[PARTS];
        for (int i = 0; i < PARTS; i++) {
            int part = Integer.parseInt(parts[i]);
            if (part > PART_MAX) {
                return null;
            }
            address[i] = (byte) part;
        }
        return address;
    }

    /** Four bytes as an address. */
    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** True unless the address lies in a block that is private, shared, reserved, or kept for examples. */
    static boolean isGlobal(byte[] address) {
        int value = 0;
        for (byte part : address) {
            value = value << Byte.SIZE | (part & 0xFF);
        }
        for (int[] block : SPECIAL) {
            if ((value ^ block[0]) >>> (Integer.SIZE - block[1]) == 0) {
                return false;
            }
        }
        return true;
    }
}

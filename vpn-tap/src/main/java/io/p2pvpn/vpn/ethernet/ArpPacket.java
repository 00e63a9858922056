package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.BigEndian;
import org.jspecify.annotations.Nullable;

/**
 * An ARP packet about IPv4 on Ethernet (RFC 826).
 *
 * @param operation {@link #REQUEST} or {@link #REPLY}, or another
 */
record ArpPacket(int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
    static final int REQUEST = 1;
    static final int REPLY = 2;
    static final int BYTES = 28;

    private static final int ETHERNET = 1;
    private static final int IPV4 = 0x0800;
    private static final int LENGTHS = 0x0604;

    /** Reads one; null if it is none. What follows it is padding. */
    static @Nullable ArpPacket parse(byte[] buffer, int offset, int length) {
        if (length < BYTES
                || BigEndian.getShort(buffer, offset) != ETHERNET
                || BigEndian.getShort(buffer, offset + 2) != IPV4
                || BigEndian.getShort(buffer, offset + 4) != LENGTHS) {
            return null;
        }
        return new ArpPacket(
                BigEndian.getShort(buffer, offset + 6),
                MacAddress.get(buffer, offset + 8),
                BigEndian.getInt(buffer, offset + 14),
                MacAddress.get(buffer, offset + 18),
                BigEndian.getInt(buffer, offset + 24));
    }

    /** Writes its {@link #BYTES}. */
    void write(byte[] buffer, int offset) {
        BigEndian.putShort(buffer, offset, ETHERNET);
        BigEndian.putShort(buffer, offset + 2, IPV4);
        BigEndian.putShort(buffer, offset + 4, LENGTHS);
        BigEndian.putShort(buffer, offset + 6, operation);
        MacAddress.put(buffer, offset + 8, senderMac);
        BigEndian.putInt(buffer, offset + 14, senderIp);
        MacAddress.put(buffer, offset + 18, targetMac);
        BigEndian.putInt(buffer, offset + 24, targetIp);
    }

    /** The answer to it: the address asked for is there. */
    ArpPacket answer(long mac) {
        return new ArpPacket(
                REPLY,
                /* senderMac= */ mac,
                /* senderIp= */ targetIp,
                /* targetMac= */ senderMac,
                /* targetIp= */ senderIp);
    }

    /** A question whether somebody has the address already (RFC 5227 section 2.1.1). */
    boolean isProbe() {
        return senderIp == 0;
    }

    /** It tells all of its sender's own address (RFC 5944 section 4.6). */
    boolean isGratuitous() {
        return senderIp == targetIp;
    }
}

package io.p2pvpn.vpn.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The {@code struct virtio_net_hdr} in front of each packet of a device opened with IFF_VNET_HDR (virtio 1.2 section
 * 5.1.6). Numbers are in the host's byte order, which is little endian wherever this runs.
 *
 * <pre>
 *   0      1         2        4         6           8            10
 *   +------+---------+--------+---------+-----------+------------+
 *   |flags |gso_type |hdr_len |gso_size |csum_start |csum_offset |
 *   +------+---------+--------+---------+-----------+------------+
 * </pre>
 */
public final class VnetHeader {
    /** Bytes of the header. */
    public static final int LENGTH = 10;

    /** The checksum field is partial: sum from csum_start, write at csum_start + csum_offset. */
    public static final int FLAG_NEEDS_CSUM = 1;

    /** One packet, no segmentation. */
    public static final int GSO_NONE = 0;
    /** TCP over IPv4 to be cut into gso_size pieces. */
    public static final int GSO_TCPV4 = 1;
    /** TCP over IPv6 to be cut. */
    public static final int GSO_TCPV6 = 4;
    /** UDP to be cut into datagrams of gso_size payload. */
    public static final int GSO_UDP_L4 = 5;
    /** Added to the type: the TCP header carries CWR, which belongs to the first segment only. */
    public static final int GSO_ECN = 0x80;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int FLAGS_OFFSET = 0;
    private static final int GSO_TYPE_OFFSET = 1;
    private static final int HEADER_LENGTH_OFFSET = 2;
    private static final int GSO_SIZE_OFFSET = 4;
    private static final int CSUM_START_OFFSET = 6;
    private static final int CSUM_OFFSET_OFFSET = 8;

    private VnetHeader() {}

    /** The flag bits. */
    public static int flags(byte[] buffer, int offset) {
        return buffer[offset + FLAGS_OFFSET] & 0xff;
    }

    /** The segmentation type with its ECN bit. */
    public static int gsoType(byte[] buffer, int offset) {
        return buffer[offset + GSO_TYPE_OFFSET] & 0xff;
    }

    /** Bytes of all headers of the packet: a hint of the kernel. */
    public static int headerLength(byte[] buffer, int offset) {
        return getShort(buffer, offset + HEADER_LENGTH_OFFSET);
    }

    /** Payload bytes of each segment but the last. */
    public static int gsoSize(byte[] buffer, int offset) {
        return getShort(buffer, offset + GSO_SIZE_OFFSET);
    }

    /** Where summing starts, counted from the IP header. */
    public static int csumStart(byte[] buffer, int offset) {
        return getShort(buffer, offset + CSUM_START_OFFSET);
    }

    /** Where the checksum field is, counted from csum_start. */
    public static int csumOffset(byte[] buffer, int offset) {
        return getShort(buffer, offset + CSUM_OFFSET_OFFSET);
    }

    /** Writes the header of a packet that needs nothing. */
    public static void clear(byte[] buffer, int offset) {
        Arrays.fill(buffer, offset, offset + LENGTH, (byte) 0);
    }

    /** Writes the header of a packet whose checksum is partial. */
    public static void writePartial(byte[] buffer, int offset, int csumStart, int csumOffset) {
        clear(buffer, offset);
        buffer[offset + FLAGS_OFFSET] = FLAG_NEEDS_CSUM;
        putShort(buffer, offset + CSUM_START_OFFSET, csumStart);
        putShort(buffer, offset + CSUM_OFFSET_OFFSET, csumOffset);
    }

    /** Adds the segmentation fields to a header written by {@link #writePartial}. */
    public static void writeGso(byte[] buffer, int offset, int gsoType, int headerLength, int gsoSize) {
        buffer[offset + GSO_TYPE_OFFSET] = (byte) gsoType;
        putShort(buffer, offset + HEADER_LENGTH_OFFSET, headerLength);
        putShort(buffer, offset + GSO_SIZE_OFFSET, gsoSize);
    }

    /** Counts positions from so many bytes earlier on (or later, if negative). */
    public static void shift(byte[] buffer, int offset, int bytes) {
        if ((flags(buffer, offset) & FLAG_NEEDS_CSUM) != 0) {
            putShort(buffer, offset + CSUM_START_OFFSET, csumStart(buffer, offset) + bytes);
        }
        if (gsoType(buffer, offset) != GSO_NONE) {
            putShort(buffer, offset + HEADER_LENGTH_OFFSET, Math.max(0, headerLength(buffer, offset) + bytes));
        }
    }

    private static int getShort(byte[] buffer, int offset) {
        return (short) SHORT.get(buffer, offset) & 0xffff;
    }

    private static void putShort(byte[] buffer, int offset, int value) {
        SHORT.set(buffer, offset, (short) value);
    }
}

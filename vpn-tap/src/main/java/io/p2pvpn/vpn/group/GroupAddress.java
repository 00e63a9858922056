package io.p2pvpn.vpn.group;

import io.p2pvpn.vpn.packet.IpPacket;
import java.nio.ByteBuffer;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A multicast or broadcast address (RFC 1112, RFC 4291 section 2.7). IPv4 addresses are held as IPv4-mapped ones.
 *
 * @param high its first 64 bits
 * @param low its last 64 bits
 */
public record GroupAddress(long high, long low) implements Comparable<GroupAddress> {
    /** To whom packets for a group go. */
    public enum Reach {
        /** Nobody: it means something on the link where it was sent only, or is told otherwise here. */
        NOBODY,
        /** Every host. */
        ALL,
        /** Whoever wants it. There is little of it, and nobody is asked first (RFC 4541 section 2.1.2). */
        LINK,
        /** Whoever wants it; there may be much of it. */
        WANTED
    }

    private static final Comparator<GroupAddress> ORDER =
            Comparator.comparingLong(GroupAddress::high).thenComparing(GroupAddress::low, Long::compareUnsigned);

    private static final int BYTES = 16;
    private static final long MAPPED_4 = 0xffff_0000_0000L;
    private static final long LOW_32 = 0xffff_ffffL;

    private static final int LINK_BLOCK_4 = 0xe000_0000;
    private static final int ALL_HOSTS_4 = 0xe000_0001;
    private static final int ALL_ROUTERS_4 = 0xe000_0002;
    private static final int REPORTS_4 = 0xe000_0016;
    private static final int BROADCAST_4 = 0xffff_ffff;

    private static final int PREFIX_6 = 0xff;
    private static final int SCOPE_INTERFACE_6 = 1;
    private static final int SCOPE_LINK_6 = 2;
    private static final long LINK_HIGH_6 = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW_6 = 0x1;
    private static final long ALL_ROUTERS_LOW_6 = 0x2;
    private static final long REPORTS_LOW_6 = 0x16;
    private static final long DHCP_LOW_6 = 0x1_0002;
    /** The 104 bits before the part of an address that a neighbour is solicited by (RFC 4291 section 2.7.1). */
    private static final long SOLICITED_LOW_6 = 0x1_ff00_0000L;

    private static final int SOLICITED_BITS = 24;

    /** The limited broadcast address. */
    public static final GroupAddress BROADCAST = of4(BROADCAST_4);

    /** An IPv4 one. */
    public static GroupAddress of4(int address) {
        return new GroupAddress(0, MAPPED_4 | (address & LOW_32));
    }

    /** Where the packet goes. */
    public static GroupAddress of(IpPacket packet) {
        return packet.version() == 4
                ? of4(packet.destination4())
                : new GroupAddress(packet.destination6High(), packet.destination6Low());
    }

    /** The one in these 16 bytes; null if they are not as many. */
    public static @Nullable GroupAddress of(byte[] bytes) {
        if (bytes.length != BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new GroupAddress(buffer.getLong(), buffer.getLong());
    }

    /** Its 16 bytes. */
    public byte[] toByteArray() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /** True if it is one of IPv4. */
    public boolean is4() {
        return high == 0 && low >>> 32 == MAPPED_4 >>> 32;
    }

    /** To whom packets for it go. What is no group, such as a single host's address, reaches nobody. */
    public Reach reach() {
        return is4() ? reach4((int) low) : reach6();
    }

    private static Reach reach4(int address) {
        if (address == BROADCAST_4 || address == ALL_HOSTS_4) {
            return Reach.ALL;
        }
        boolean multicast = address >>> 28 == 0xe;
        if (!multicast || address == LINK_BLOCK_4 || address == ALL_ROUTERS_4 || address == REPORTS_4) {
            return Reach.NOBODY;
        }
        return address >>> 8 == LINK_BLOCK_4 >>> 8 ? Reach.LINK : Reach.WANTED;
    }

    private Reach reach6() {
        int scope = (int) (high >>> 48) & 0xf;
        if (high >>> 56 != PREFIX_6 || scope <= SCOPE_INTERFACE_6) {
            return Reach.NOBODY;
        }
        if (scope > SCOPE_LINK_6) {
            return Reach.WANTED;
        }
        if (high != LINK_HIGH_6) {
            return Reach.LINK;
        }
        boolean ofTheLinkItself = low == ALL_ROUTERS_LOW_6
                || low == REPORTS_LOW_6
                || low == DHCP_LOW_6
                || low >>> SOLICITED_BITS == SOLICITED_LOW_6 >>> SOLICITED_BITS;
        return low == ALL_NODES_LOW_6 ? Reach.ALL : ofTheLinkItself ? Reach.NOBODY : Reach.LINK;
    }

    @Override
    public int compareTo(GroupAddress other) {
        return ORDER.compare(this, other);
    }
}

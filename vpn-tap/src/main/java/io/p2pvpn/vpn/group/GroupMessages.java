package io.p2pvpn.vpn.group;

import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.nio.ByteBuffer;

/**
 * Writes messages about groups, each behind an empty virtio header: questions to the hosts behind our device, and
 * reports to members. IGMPv3 (RFC 3376 section 4) and MLDv2 (RFC 3810 section 5).
 */
public final class GroupMessages {
    private static final int ALL_HOSTS_4 = 0xe000_0001;
    private static final int REPORTS_4 = 0xe000_0016;
    private static final long LINK_HIGH_6 = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW_6 = 0x1;
    private static final long REPORTS_LOW_6 = 0x16;

    private static final int HEADER_4_BYTES = 24;
    private static final int HEADER_6_BYTES = 48;
    private static final int QUERY_4_BYTES = 12;
    private static final int QUERY_6_BYTES = 28;
    private static final int REPORT_4_BYTES = 16;
    private static final int REPORT_6_BYTES = 28;
    /** The router alert option, by which routers look at a packet that is not for them (RFC 2113). */
    private static final int ROUTER_ALERT_4 = 0x9404_0000;
    /** Hop-by-hop header of 8 bytes: router alert for MLD (RFC 2711), padding; the next header's number goes first. */
    private static final long ROUTER_ALERT_6 = 0x0000_0502_0000_0100L;

    private static final int CLASS_INTERNETWORK_CONTROL = 0xc0;
    private static final long LINK_LOCAL_HIGH = 0xfe80_0000_0000_0000L;
    /** Hosts answer within this many tenths of a second ... */
    private static final int ANSWER_TENTHS = 20;
    /** ... as many milliseconds. */
    private static final int ANSWER_MILLIS = 2_000;

    private static final int ROBUSTNESS = 2;

    private GroupMessages() {}

    /**
     * Asks all hosts which IPv4 groups they want.
     *
     * @param intervalSeconds after which it is asked again, at most 127
     */
    public static byte[] query4(int intervalSeconds) {
        byte[] bytes = new byte[VnetHeader.LENGTH + HEADER_4_BYTES + QUERY_4_BYTES];
        ByteBuffer packet = ipv4(bytes, 0, ALL_HOSTS_4);
        packet.put((byte) GroupReports.IGMP_QUERY).put((byte) ANSWER_TENTHS).putShort((short) 0);
        packet.putInt(0).put((byte) ROBUSTNESS).put((byte) intervalSeconds).putShort((short) 0);
        finish4(bytes);
        return bytes;
    }

    /**
     * Asks all hosts which IPv6 groups they want.
     *
     * @param low of the link-local address that asks: hosts listen to no other kind
     */
    public static byte[] query6(long low, int intervalSeconds) {
        byte[] bytes = new byte[VnetHeader.LENGTH + HEADER_6_BYTES + QUERY_6_BYTES];
        ByteBuffer packet = ipv6(bytes, LINK_LOCAL_HIGH, low, ALL_NODES_LOW_6);
        packet.put((byte) GroupReports.MLD_QUERY).put((byte) 0).putShort((short) 0);
        packet.putShort((short) ANSWER_MILLIS).putShort((short) 0).putLong(0).putLong(0);
        packet.put((byte) ROBUSTNESS).put((byte) intervalSeconds).putShort((short) 0);
        finish6(bytes);
        return bytes;
    }

    /**
     * Tells a member whether we want a group's packets.
     *
     * @param ipv4 our address
     * @param ulaHigh the first half of our IPv6 address: a member believes no other source
     * @param ulaLow its second half
     */
    public static byte[] report(GroupReport report, int ipv4, long ulaHigh, long ulaLow) {
        GroupAddress group = report.group();
        byte change = (byte) (report.wanted() ? GroupReports.CHANGE_TO_EXCLUDE : GroupReports.CHANGE_TO_INCLUDE);
        boolean four = group.is4();
        int length = four ? HEADER_4_BYTES + REPORT_4_BYTES : HEADER_6_BYTES + REPORT_6_BYTES;
        byte[] bytes = new byte[VnetHeader.LENGTH + length];
        ByteBuffer packet = four ? ipv4(bytes, ipv4, REPORTS_4) : ipv6(bytes, ulaHigh, ulaLow, REPORTS_LOW_6);
        packet.put((byte) (four ? GroupReports.IGMP_REPORT_3 : GroupReports.MLD_REPORT_2));
        packet.put((byte) 0).putShort((short) 0).putShort((short) 0).putShort((short) 1);
        packet.put(change).put((byte) 0).putShort((short) 0);
        if (four) {
            packet.putInt((int) group.low());
            finish4(bytes);
        } else {
            packet.putLong(group.high()).putLong(group.low());
            finish6(bytes);
        }
        return bytes;
    }

    private static ByteBuffer ipv4(byte[] bytes, int source, int destination) {
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        packet.position(VnetHeader.LENGTH);
        packet.put((byte) (0x40 | HEADER_4_BYTES / 4)).put((byte) CLASS_INTERNETWORK_CONTROL);
        packet.putShort((short) (bytes.length - VnetHeader.LENGTH)).putInt(0);
        packet.put((byte) 1).put((byte) GroupReports.PROTOCOL_IGMP).putShort((short) 0);
        return packet.putInt(source).putInt(destination).putInt(ROUTER_ALERT_4);
    }

    private static void finish4(byte[] bytes) {
        int at = VnetHeader.LENGTH + HEADER_4_BYTES;
        Checksum.writeIpv4Header(bytes, VnetHeader.LENGTH, HEADER_4_BYTES);
        ByteBuffer.wrap(bytes).putShort(at + 2, (short) Checksum.compute(bytes, at, bytes.length - at, 0));
    }

    private static ByteBuffer ipv6(byte[] bytes, long sourceHigh, long sourceLow, long groupLow) {
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        packet.position(VnetHeader.LENGTH);
        int payloadBytes = bytes.length - VnetHeader.LENGTH - IpPacket.IPV6_HEADER_LENGTH;
        packet.putInt(0x6000_0000).putShort((short) payloadBytes).put((byte) 0).put((byte) 1);
        packet.putLong(sourceHigh).putLong(sourceLow).putLong(LINK_HIGH_6).putLong(groupLow);
        return packet.putLong(ROUTER_ALERT_6 | (long) IpPacket.PROTOCOL_ICMPV6 << 56);
    }

    private static void finish6(byte[] bytes) {
        int at = VnetHeader.LENGTH + HEADER_6_BYTES;
        int length = bytes.length - at;
        long pseudo = Checksum.pseudoHeader6(bytes, VnetHeader.LENGTH, IpPacket.PROTOCOL_ICMPV6, length);
        ByteBuffer.wrap(bytes).putShort(at + 2, (short) Checksum.compute(bytes, at, length, pseudo));
    }
}

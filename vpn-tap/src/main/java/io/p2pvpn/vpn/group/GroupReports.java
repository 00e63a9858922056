package io.p2pvpn.vpn.group;

import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what hosts report about groups: IGMP versions 1 to 3 (RFC 1112, RFC 2236, RFC 3376) and MLD versions 1 and 2
 * (RFC 2710, RFC 3810). Sources that a host singles out are not told apart: it gets the group whole, and its kernel
 * leaves out what it does not want.
 */
public final class GroupReports {
    /** Protocol number of IGMP. */
    public static final int PROTOCOL_IGMP = 2;
    /** Groups of one report that are looked at. */
    public static final int RECORDS_MAX = 64;

    static final int IGMP_QUERY = 0x11;
    static final int IGMP_REPORT_3 = 0x22;
    static final int MLD_QUERY = 130;
    static final int MLD_REPORT_2 = 143;
    static final int CHANGE_TO_INCLUDE = 3;
    static final int CHANGE_TO_EXCLUDE = 4;

    private static final int IGMP_REPORT_1 = 0x12;
    private static final int IGMP_REPORT_2 = 0x16;
    private static final int IGMP_LEAVE = 0x17;
    private static final int MLD_REPORT_1 = 131;
    private static final int MLD_DONE = 132;
    private static final int IS_INCLUDE = 1;
    private static final int IS_EXCLUDE = 2;
    private static final int ALLOW = 5;
    private static final int HEADER_BYTES = 8;

    private GroupReports() {}

    /** Whether hosts and routers tell each other about groups by this packet: a report, or a question. */
    public static boolean isAboutGroups(byte[] buffer, IpPacket packet) {
        if (packet.isFragment() || packet.transportLength() < HEADER_BYTES) {
            return false;
        }
        if (packet.version() == 4) {
            return packet.protocol() == PROTOCOL_IGMP;
        }
        int type = buffer[packet.transportOffset()] & 0xff;
        boolean mld = (type >= MLD_QUERY && type <= MLD_DONE) || type == MLD_REPORT_2;
        return mld && packet.protocol() == IpPacket.PROTOCOL_ICMPV6;
    }

    /**
     * What the packet reports.
     *
     * @param packet one that {@link #isAboutGroups}
     * @return nothing for questions; null if it is malformed
     */
    public static @Nullable List<GroupReport> read(byte[] buffer, IpPacket packet) {
        int at = packet.transportOffset();
        int length = packet.transportLength();
        boolean four = packet.version() == 4;
        long pseudo = four ? 0 : Checksum.pseudoHeader6(buffer, packet.offset(), IpPacket.PROTOCOL_ICMPV6, length);
        if (Checksum.compute(buffer, at, length, pseudo) != 0) {
            return null;
        }
        ByteBuffer message = ByteBuffer.wrap(buffer, at, length).slice();
        return four ? read4(message) : read6(message);
    }

    private static @Nullable List<GroupReport> read4(ByteBuffer message) {
        int type = message.get(0) & 0xff;
        switch (type) {
            case IGMP_REPORT_1, IGMP_REPORT_2, IGMP_LEAVE -> {
                GroupAddress group = GroupAddress.of4(message.getInt(4));
                return List.of(new GroupReport(group, type != IGMP_LEAVE));
            }
            case IGMP_REPORT_3 -> {
                return records(message, true);
            }
            default -> {
                return List.of();
            }
        }
    }

    private static @Nullable List<GroupReport> read6(ByteBuffer message) {
        int type = message.get(0) & 0xff;
        switch (type) {
            case MLD_REPORT_1, MLD_DONE -> {
                if (message.limit() < HEADER_BYTES + 16) {
                    return null;
                }
                GroupAddress group = new GroupAddress(message.getLong(8), message.getLong(16));
                return List.of(new GroupReport(group, type != MLD_DONE));
            }
            case MLD_REPORT_2 -> {
                return records(message, false);
            }
            default -> {
                return List.of();
            }
        }
    }

    private static @Nullable List<GroupReport> records(ByteBuffer message, boolean four) {
        int addressBytes = four ? 4 : 16;
        int count = Math.min(message.getShort(6) & 0xffff, RECORDS_MAX);
        List<GroupReport> reports = new ArrayList<>();
        message.position(HEADER_BYTES);
        for (int i = 0; i < count; i++) {
            if (message.remaining() < 4 + addressBytes) {
                return null;
            }
            int type = message.get() & 0xff;
            int auxiliaryBytes = (message.get() & 0xff) * 4;
            int sources = message.getShort() & 0xffff;
            GroupAddress group =
                    four ? GroupAddress.of4(message.getInt()) : new GroupAddress(message.getLong(), message.getLong());
            int rest = sources * addressBytes + auxiliaryBytes;
            if (message.remaining() < rest) {
                return null;
            }
            message.position(message.position() + rest);
            boolean some = sources > 0 && (type == IS_INCLUDE || type == CHANGE_TO_INCLUDE || type == ALLOW);
            if (some || type == IS_EXCLUDE || type == CHANGE_TO_EXCLUDE) {
                reports.add(new GroupReport(group, true));
            } else if (type == CHANGE_TO_INCLUDE) {
                reports.add(new GroupReport(group, false));
            }
        }
        return reports;
    }
}

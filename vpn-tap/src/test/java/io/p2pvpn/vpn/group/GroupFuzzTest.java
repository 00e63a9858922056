package io.p2pvpn.vpn.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any packet of a host is read as reports within their bound, or refused. {@code lab/fuzz} looks further. */
class GroupFuzzTest {
    private static final int MUTATIONS = 20_000;

    private final IpPacket packet = new IpPacket();

    @FuzzTest
    void reports(byte[] bytes) {
        if (!packet.parse(bytes, 0, bytes.length) || !GroupReports.isAboutGroups(bytes, packet)) {
            return;
        }
        repairChecksum(bytes);
        List<GroupReport> read = GroupReports.read(bytes, packet);
        if (read != null) {
            assertThat(read).hasSizeLessThanOrEqualTo(GroupReports.RECORDS_MAX);
            LocalGroups groups = new LocalGroups();
            read.forEach(report -> groups.onReport(report, 0));
        }
    }

    /** What is damaged otherwise shall be looked at, and not refused for its checksum alone. */
    private void repairChecksum(byte[] bytes) {
        int at = packet.transportOffset();
        int length = packet.transportLength();
        long pseudo = packet.version() == 4 ? 0 : Checksum.pseudoHeader6(bytes, 0, IpPacket.PROTOCOL_ICMPV6, length);
        ByteBuffer.wrap(bytes).putShort(at + 2, (short) 0);
        ByteBuffer.wrap(bytes).putShort(at + 2, (short) Checksum.compute(bytes, at, length, pseudo));
    }

    @Test
    void reports_ofMutatedPackets_doNoHarm() {
        Random random = new Random(1);
        GroupAddress four = GroupAddress.of4(0xef01_0203);
        GroupAddress six = GroupAddressTest.group("ff05::1234");
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] whole = GroupMessages.report(new GroupReport(random.nextBoolean() ? four : six, true), 1, 2, 3);
            byte[] bytes = Arrays.copyOfRange(whole, VnetHeader.LENGTH, whole.length);
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            reports(bytes);
        }
    }
}

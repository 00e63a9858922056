package io.p2pvpn.vpn.group;

import static io.p2pvpn.vpn.group.GroupAddressTest.group;
import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupReportsTest {
    private static final int SOURCE = 0x0a07_0001;
    private static final long ULA = 0xfd00_0000_0000_0001L;
    private static final GroupAddress GROUP_4 = group("239.1.2.3");
    private static final GroupAddress GROUP_6 = group("ff05::1234");

    /** Null if the packet is none that reports. */
    private static @Nullable List<GroupReport> read(byte[] packet) {
        IpPacket parsed = new IpPacket();
        boolean is = parsed.parse(packet, 0, packet.length) && GroupReports.isAboutGroups(packet, parsed);
        return is ? GroupReports.read(packet, parsed) : null;
    }

    private static byte[] ip(byte[] behindHeader) {
        return Arrays.copyOfRange(behindHeader, VnetHeader.LENGTH, behindHeader.length);
    }

    private static byte[] report(GroupReport report) {
        return ip(GroupMessages.report(report, SOURCE, ULA, 7));
    }

    /** An IGMP message in a packet with a plain header, checksums right. */
    private static byte[] igmp(int... bytes) {
        ByteBuffer packet = ByteBuffer.allocate(20 + bytes.length);
        packet.put((byte) 0x45)
                .put((byte) 0)
                .putShort((short) packet.capacity())
                .putInt(0);
        packet.put((byte) 1).put((byte) 2).putShort((short) 0).putInt(SOURCE).putInt(0xe000_0016);
        for (int each : bytes) {
            packet.put((byte) each);
        }
        byte[] array = packet.array();
        Checksum.writeIpv4Header(array, 0, 20);
        packet.putShort(22, (short) Checksum.compute(array, 20, array.length - 20, 0));
        return array;
    }

    @Test
    void reports_ofOurs_areReadAsTheyWereMeant() {
        for (GroupAddress group : List.of(GROUP_4, GROUP_6)) {
            for (boolean wanted : new boolean[] {true, false}) {
                GroupReport report = new GroupReport(group, wanted);
                assertThat(read(report(report))).containsExactly(report);
            }
        }
    }

    @Test
    void reports_ofEachVersion_areUnderstood() {
        assertThat(read(igmp(0x12, 0, 0, 0, 239, 1, 2, 3))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(igmp(0x16, 0, 0, 0, 239, 1, 2, 3))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(igmp(0x17, 0, 0, 0, 239, 1, 2, 3))).containsExactly(new GroupReport(GROUP_4, false));
        assertThat(read(igmp(0x11, 100, 0, 0, 0, 0, 0, 0))).isEmpty();
    }

    /** RFC 3376 section 4.2.12: what each type of record says of a group whose sources are not told apart. */
    @Test
    void records_ofEachType_areReadForTheGroupAsAWhole() {
        assertThat(read(record(1, 0))).isEmpty();
        assertThat(read(record(1, 1))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(record(2, 0))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(record(3, 0))).containsExactly(new GroupReport(GROUP_4, false));
        assertThat(read(record(3, 1))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(record(4, 1))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(record(5, 1))).containsExactly(new GroupReport(GROUP_4, true));
        assertThat(read(record(6, 1))).isEmpty();
    }

    private static byte[] record(int type, int sources) {
        int[] message = {0x22, 0, 0, 0, 0, 0, 0, 1, type, 0, 0, sources, 239, 1, 2, 3, 10, 0, 0, 1};
        return igmp(sources == 0 ? Arrays.copyOf(message, 16) : message);
    }

    @Test
    void report_ofManyGroups_isReadToItsBound() {
        int[] message = new int[8 + 8 * 100];
        message[0] = 0x22;
        message[7] = 100;
        for (int i = 0; i < 100; i++) {
            System.arraycopy(new int[] {4, 0, 0, 0, 239, 1, 1, i}, 0, message, 8 + 8 * i, 8);
        }
        assertThat(read(igmp(message))).hasSize(GroupReports.RECORDS_MAX);
    }

    @Test
    void queries_ofOurs_reportNothing() {
        for (byte[] query : List.of(GroupMessages.query4(60), GroupMessages.query6(1, 60))) {
            assertThat(read(ip(query))).isEmpty();
        }
    }

    @Test
    void reports_damagedOrCut_areRefused() {
        for (byte[] whole : List.of(report(new GroupReport(GROUP_4, true)), report(new GroupReport(GROUP_6, true)))) {
            int start = whole[0] >> 4 == 4 ? 24 : 48;
            for (int i = start; i < whole.length; i++) {
                byte[] damaged = whole.clone();
                damaged[i] ^= 1;
                List<GroupReport> read = read(damaged);
                assertThat(read == null || read.isEmpty()).as("byte %d", i).isTrue();
            }
        }
        int[] message = {0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 1, 239, 1, 2, 3, 10, 0, 0, 1};
        for (int length = 8; length < message.length; length++) {
            assertThat(read(igmp(Arrays.copyOf(message, length))))
                    .as("%d bytes", length)
                    .isNull();
        }
    }

    @Test
    void anyBytes_behindAHeader_doNoHarm() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            int[] message = random.ints(8 + random.nextInt(40), 0, 256).toArray();
            message[0] = new int[] {0x12, 0x16, 0x17, 0x22, 0x11, message[0]}[random.nextInt(6)];
            List<GroupReport> read = read(igmp(message));
            assertThat(Objects.requireNonNullElse(read, List.of())).hasSizeLessThanOrEqualTo(GroupReports.RECORDS_MAX);
        }
    }
}

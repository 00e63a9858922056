package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Packets.Flow;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class IpPacketTest {
    private final IpPacket ip = new IpPacket();

    private static byte[] ipv6(int firstHeader, byte[] rest) {
        ByteBuffer packet = ByteBuffer.allocate(40 + rest.length);
        packet.putInt(0x60000000)
                .putShort((short) rest.length)
                .put((byte) firstHeader)
                .put((byte) 64);
        packet.putLong(0xfd00_0000_0000_0001L)
                .putLong(2)
                .putLong(0xfd00_0000_0000_0003L)
                .putLong(4);
        return packet.put(rest).array();
    }

    @Test
    void parse_tcpOverIpv4_allFields() {
        byte[] packet = Packets.partial(Packets.flow(false, true, 1, 2, 9, new byte[8]), 1, 1, 0x10, new byte[7]);
        byte[] shifted = new byte[packet.length + 5];
        System.arraycopy(packet, 0, shifted, 3, packet.length);

        assertThat(ip.parse(shifted, 3, packet.length)).isTrue();
        assertThat(ip.version()).isEqualTo(4);
        assertThat(ip.protocol()).isEqualTo(6);
        assertThat(ip.transportOffset()).isEqualTo(23);
        assertThat(ip.transportHeaderLength()).isEqualTo(28);
        assertThat(ip.payloadLength()).isEqualTo(7);
        assertThat(ip.source4()).isEqualTo(0x0a010001);
        assertThat(ip.destination4()).isEqualTo(0x0a010002);
    }

    @Test
    void parse_everyTruncationAndExtension_invalid() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            Flow flow = Packets.flow(ipv6, true, 1, 2, 9, new byte[0]);
            byte[] packet = Packets.partial(flow, 1, 1, 0x10, new byte[7]);
            byte[] longer = java.util.Arrays.copyOf(packet, packet.length + 1);
            for (int length = 0; length <= longer.length; length++) {
                assertThat(ip.parse(longer, 0, length)).isEqualTo(length == packet.length);
            }
        }
    }

    @Test
    void parse_extensionHeaders_walkedToTransport() {
        byte[] rest = new byte[8 + 16 + 12 + 8];
        rest[0] = 60;
        rest[8] = 51;
        rest[9] = 1;
        rest[24] = 17;
        rest[25] = 1;
        rest[41] = 8;

        byte[] packet = ipv6(0, rest);
        assertThat(ip.parse(packet, 0, packet.length)).isTrue();
        assertThat(ip.protocol()).isEqualTo(17);
        assertThat(ip.transportOffset()).isEqualTo(40 + 36);
        assertThat(ip.transportHeaderLength()).isEqualTo(8);
        assertThat(ip.source6High()).isEqualTo(0xfd00_0000_0000_0001L);
        assertThat(ip.source6Low()).isEqualTo(2);
        assertThat(ip.destination6High()).isEqualTo(0xfd00_0000_0000_0003L);
        assertThat(ip.destination6Low()).isEqualTo(4);
    }

    @Test
    void parse_laterFragment_payloadNotWalked() {
        byte[] rest = new byte[8 + 4];
        rest[0] = 60;
        rest[2] = 1;
        byte[] packet = ipv6(44, rest);

        assertThat(ip.parse(packet, 0, packet.length)).isTrue();
        assertThat(ip.isFragment()).isTrue();
        assertThat(ip.transportHeaderLength()).isZero();
    }

    @Test
    void parse_tooManyOrTooLongExtensions_invalid() {
        byte[] many = new byte[8 * 9 + 8];
        assertThat(ip.parse(ipv6(0, many), 0, 40 + many.length)).isFalse();

        byte[] beyond = new byte[8];
        beyond[1] = 1;
        assertThat(ip.parse(ipv6(43, beyond), 0, 48)).isFalse();
    }

    @Test
    void parse_transportHeaderDamaged_noTransportHeader() {
        byte[] packet = Packets.partial(Packets.flow(false, true, 1, 2, 9, new byte[0]), 1, 1, 0x10, new byte[7]);
        for (int dataOffset : new int[] {0, 4, 7, 15}) {
            packet[32] = (byte) (dataOffset << 4);
            assertThat(ip.parse(packet, 0, packet.length)).isTrue();
            assertThat(ip.transportHeaderLength()).isZero();
            assertThat(ip.checksumOffset()).isEqualTo(-1);
        }
    }

    @Test
    void parse_randomBytes_neverThrowsAndStaysInside() {
        Random random = new Random(Long.getLong("test.seed", 3L));
        for (int i = 0; i < 100_000; i++) {
            byte[] packet = new byte[random.nextInt(120)];
            random.nextBytes(packet);
            if (packet.length > 6) {
                packet[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
                ByteBuffer.wrap(packet)
                        .putShort(packet[0] == 0x45 ? 2 : 4, (short) (packet.length - (packet[0] == 0x45 ? 0 : 40)));
                packet[6] = random.nextBoolean() ? 44 : packet[6];
            }
            if (ip.parse(packet, 0, packet.length)) {
                assertThat(ip.transportOffset() + ip.transportHeaderLength()).isLessThanOrEqualTo(packet.length);
            }
        }
    }
}

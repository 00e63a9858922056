package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Packets.Flow;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SegmenterTest {
    private final Flow tcp = Packets.flow(false, true, 1, 2, 1000, new byte[0]);
    private final Flow udp = Packets.flow(false, false, 1, 2, 1000, new byte[0]);
    private final Segmenter segmenter = new Segmenter();

    @Test
    void begin_plainPacketWithPartialChecksum_passesAsPartial() {
        byte[] packet = Packets.partial(udp, 1, 0, 0, new byte[100]);
        byte[] buffer = Packets.withVnet(packet, true, 0, 0);

        assertThat(segmenter.begin(buffer, 0, buffer.length, 1400)).isTrue();
        assertThat(segmenter.next()).isEqualTo(packet.length);
        assertThat(segmenter.isPartial()).isTrue();
        assertThat(Packets.slice(buffer, segmenter.packetOffset(), packet.length))
                .isEqualTo(packet);
        assertThat(segmenter.next()).isZero();
    }

    @Test
    void begin_checksumRequestedElsewhere_completedThere() {
        byte[] packet = Packets.partial(udp, 1, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 0, 0, 9, 9, 9});
        byte[] buffer = Packets.withVnet(packet, true, 0, 0);
        VnetHeader.writePartial(buffer, 0, 28, 6);

        assertThat(segmenter.begin(buffer, 0, buffer.length, 1400)).isTrue();
        assertThat(segmenter.isPartial()).isFalse();
        int start = VnetHeader.LENGTH + 28;
        assertThat(Packets.naiveSum(buffer, start, buffer.length)).isEqualTo(0xffff);
    }

    @Test
    void begin_checksumBeyondThePacket_refused() {
        byte[] buffer = Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[4]), true, 0, 0);
        VnetHeader.writePartial(buffer, 0, 30, 60_000);

        assertThat(segmenter.begin(buffer, 0, buffer.length, 1400)).isFalse();
    }

    @Test
    void next_superPacketWithCwr_onFirstOnly() {
        byte[] whole = Packets.partial(tcp, 1, 5, 0x98, new byte[300]);
        List<byte[]> cut = OffloadRoundTripTest.segments(
                Packets.withVnet(whole, true, VnetHeader.GSO_TCPV4 | VnetHeader.GSO_ECN, 100), 1400);

        assertThat(cut).extracting(packet -> packet[33] & 0xff).containsExactly(0x90, 0x10, 0x18);
    }

    @Test
    void begin_tcpSegmentsLargerThanMtu_cutFiner() {
        byte[] whole = Packets.partial(tcp, 1, 5, 0x18, new byte[3000]);
        List<byte[]> cut =
                OffloadRoundTripTest.segments(Packets.withVnet(whole, true, VnetHeader.GSO_TCPV4, 1460), 1000);

        assertThat(cut).extracting(packet -> packet.length).containsExactly(1000, 1000, 1000, 160);
    }

    @Test
    void begin_largerThanMtu_tooBig() {
        byte[] plain = Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[1400]), true, 0, 0);
        assertThat(segmenter.begin(plain, 0, plain.length, 1400)).isFalse();
        assertThat(segmenter.isTooBig()).isTrue();

        byte[] datagrams =
                Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[3000]), true, VnetHeader.GSO_UDP_L4, 1400);
        assertThat(segmenter.begin(datagrams, 0, datagrams.length, 1400)).isFalse();
        assertThat(segmenter.isTooBig()).isTrue();
    }

    @Test
    void begin_typeThatDoesNotFitThePacket_refused() {
        byte[] whole = Packets.partial(tcp, 1, 5, 0x18, new byte[3000]);
        int[][] typesAndSizes = {
            {VnetHeader.GSO_TCPV6, 100}, {VnetHeader.GSO_UDP_L4, 100}, {3, 100}, {VnetHeader.GSO_TCPV4, 0}
        };
        for (int[] typeAndSize : typesAndSizes) {
            byte[] buffer = Packets.withVnet(whole, true, typeAndSize[0], typeAndSize[1]);
            assertThat(segmenter.begin(buffer, 0, buffer.length, 1400)).isFalse();
            assertThat(segmenter.isTooBig()).isFalse();
        }
    }

    @Test
    void begin_randomDamage_neverThrows() {
        Random random = new Random(Long.getLong("test.seed", 7L));
        for (int i = 0; i < 20_000; i++) {
            Flow flow = Packets.flow(random.nextBoolean(), random.nextBoolean(), 1, 2, 1000, new byte[4]);
            byte[] buffer =
                    Packets.withVnet(Packets.partial(flow, 1, 5, 0x18, new byte[200]), true, random.nextInt(6), 50);
            for (int damage = random.nextInt(6); damage > 0; damage--) {
                buffer[random.nextInt(60)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(3) == 0 ? random.nextInt(buffer.length + 1) : buffer.length;
            if (segmenter.begin(buffer, 0, length, 1400)) {
                int bytes = 1;
                for (int packets = 0; bytes > 0; packets++) {
                    bytes = segmenter.next();
                    assertThat(packets).isLessThanOrEqualTo(200);
                }
            }
        }
    }
}

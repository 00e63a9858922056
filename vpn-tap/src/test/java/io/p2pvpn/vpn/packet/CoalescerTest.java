package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Packets.Flow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CoalescerTest {
    private final Flow tcp = Packets.flow(false, true, 1, 2, 1000, new byte[4]);
    private final List<byte[]> written = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final Coalescer coalescer = coalescer(true, true);

    private Coalescer coalescer(boolean partialAllowed, boolean udpMerged) {
        return new Coalescer(
                (buffer, offset, length, packets) -> {
                    written.add(Packets.slice(buffer, offset, length));
                    counts.add(packets);
                },
                partialAllowed,
                udpMerged);
    }

    private static void add(Coalescer coalescer, byte[] packet, boolean partial) {
        IpPacket ip = new IpPacket();
        assertThat(ip.parse(packet, 0, packet.length)).isTrue();
        assertThat(coalescer.add(packet, ip, partial)).isTrue();
    }

    @Test
    void add_contiguousTcp_oneSuperPacketWithPartialChecksum() {
        add(coalescer, Packets.partial(tcp, 5, 100, 0x10, new byte[50]), true);
        add(coalescer, Packets.partial(tcp, 6, 150, 0x10, new byte[50]), true);
        add(coalescer, Packets.partial(tcp, 7, 200, 0x18, new byte[20]), true);

        byte[] whole = Packets.partial(tcp, 5, 100, 0x18, new byte[120]);
        byte[] expected = Packets.withVnet(whole, true, VnetHeader.GSO_TCPV4, 50);
        VnetHeader.writeGso(expected, 0, VnetHeader.GSO_TCPV4, 44, 50);
        assertThat(written).containsExactly(expected);
        assertThat(counts).containsExactly(3);
    }

    @Test
    void add_whatDoesNotContinueTheRun_startsAnother() {
        byte[] first = Packets.partial(tcp, 5, 100, 0x10, new byte[50]);
        byte[] gap = Packets.partial(tcp, 6, 151, 0x10, new byte[50]);
        byte[] longer = Packets.partial(tcp, 6, 150, 0x10, new byte[51]);
        byte[] otherFlags = Packets.partial(tcp, 6, 150, 0x50, new byte[50]);
        byte[] otherWindow = Packets.partial(tcp, 6, 150, 0x10, new byte[50]);
        otherWindow[34]++;
        byte[] otherAck = Packets.partial(tcp, 6, 150, 0x10, new byte[50]);
        otherAck[30]++;
        byte[] otherOptions = Packets.partial(tcp, 6, 150, 0x10, new byte[50]);
        otherOptions[40]++;
        byte[] otherTtl = Packets.partial(tcp, 6, 150, 0x10, new byte[50]);
        otherTtl[8]++;
        byte[] otherTos = Packets.partial(tcp, 6, 150, 0x10, new byte[50]);
        otherTos[1]++;
        byte[] empty = Packets.partial(tcp, 6, 150, 0x10, new byte[0]);
        byte[] reset = Packets.partial(tcp, 6, 150, 0x14, new byte[50]);
        for (byte[] second : List.of(
                gap, longer, otherFlags, otherWindow, otherAck, otherOptions, otherTtl, otherTos, empty, reset)) {
            written.clear();
            add(coalescer, first, true);
            add(coalescer, second, true);
            coalescer.flush();
            assertThat(written)
                    .containsExactly(Packets.withVnet(first, true, 0, 0), Packets.withVnet(second, true, 0, 0));
        }
    }

    @Test
    void add_completeChecksum_leftAloneInOrder() {
        byte[] first = Packets.partial(tcp, 5, 100, 0x10, new byte[50]);
        byte[] second = Packets.completed(Packets.partial(tcp, 6, 150, 0x10, new byte[50]));
        add(coalescer, first, true);
        add(coalescer, second, false);

        assertThat(written).containsExactly(Packets.withVnet(first, true, 0, 0), Packets.withVnet(second, false, 0, 0));
    }

    @Test
    void add_deviceWithoutOffloads_completedOneByOne() {
        Coalescer plain = coalescer(false, true);
        byte[] first = Packets.partial(tcp, 5, 100, 0x10, new byte[50]);
        byte[] second = Packets.partial(tcp, 6, 150, 0x10, new byte[51]);
        add(plain, first, true);
        add(plain, second, true);

        assertThat(written)
                .containsExactly(
                        Packets.withVnet(Packets.completed(first), false, 0, 0),
                        Packets.withVnet(Packets.completed(second), false, 0, 0));
    }

    @Test
    void add_partialWithoutTransportHeader_refused() {
        byte[] fragment = Packets.partial(tcp, 5, 100, 0x10, new byte[50]);
        fragment[6] = 0x20;
        IpPacket ip = new IpPacket();
        assertThat(ip.parse(fragment, 0, fragment.length)).isTrue();

        assertThat(coalescer.add(fragment, ip, true)).isFalse();
        assertThat(coalescer.add(fragment, ip, false)).isTrue();
        assertThat(written).hasSize(1);
    }

    @Test
    void add_moreFlowsThanSlots_oldestWritten() {
        for (int i = 0; i <= Coalescer.SLOTS; i++) {
            Flow flow = Packets.flow(true, true, 1, 2, 1000 + i, new byte[0]);
            add(coalescer, Packets.partial(flow, 0, 100, 0x10, new byte[50]), true);
        }
        assertThat(written).hasSize(1);
        coalescer.flush();
        assertThat(written).hasSize(Coalescer.SLOTS + 1);
    }

    @Test
    void add_endlessRun_staysWithinLengthAndPackets() {
        for (int size : new int[] {1, 1348}) {
            for (int i = 0; i < 200; i++) {
                add(coalescer, Packets.partial(tcp, i, i * size, 0x10, new byte[size]), true);
            }
        }
        coalescer.flush();
        assertThat(written).allSatisfy(packet -> assertThat(packet.length).isLessThanOrEqualTo(65_545));
        assertThat(counts).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(64));
        assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(400);
    }
}

package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Packets.Flow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Segmenter and Coalescer against each other and against naive sums, over random flows. */
final class OffloadRoundTripTest {
    private static final long SEED = Long.getLong("test.seed", 20261120L);
    private static final int ROUNDS = 60;
    private static final int MTU = 1400;

    private final Random random = new Random(SEED);

    @Test
    void segmentCoalesceSegment_randomFlows_samePacketsInOrder() {
        System.out.println("test.seed=" + SEED);
        int merged = 0;
        for (int round = 0; round < ROUNDS; round++) {
            merged += round(1 + random.nextInt(12), random.nextBoolean());
        }
        assertThat(merged).isGreaterThan(ROUNDS);
    }

    private int round(int flows, boolean udpMerged) {
        List<List<byte[]>> sent = new ArrayList<>();
        List<ArrayDeque<byte[]>> waiting = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            sent.add(packetsOf(randomFlow(i)));
            waiting.add(new ArrayDeque<>(sent.get(i)));
        }
        List<byte[]> written = new ArrayList<>();
        Coalescer coalescer = new Coalescer(
                (buffer, offset, length, packets) -> written.add(Packets.slice(buffer, offset, length)),
                true,
                udpMerged);
        IpPacket ip = new IpPacket();
        int open = flows;
        while (open > 0) {
            ArrayDeque<byte[]> queue = waiting.get(random.nextInt(flows));
            for (int burst = random.nextInt(20); burst >= 0 && !queue.isEmpty(); burst--) {
                byte[] packet = queue.removeFirst();
                assertThat(ip.parse(packet, 0, packet.length)).isTrue();
                assertThat(coalescer.add(packet, ip, true)).isTrue();
                open -= queue.isEmpty() ? 1 : 0;
            }
            if (random.nextInt(8) == 0) {
                coalescer.flush();
            }
        }
        coalescer.flush();
        int total = sent.stream().mapToInt(List::size).sum();
        assertThat(written).hasSizeLessThanOrEqualTo(total);
        checkReceived(sent, written);
        return total - written.size();
    }

    private static void checkReceived(List<List<byte[]>> sent, List<byte[]> written) {
        List<List<byte[]>> received = new ArrayList<>();
        sent.forEach(unused -> received.add(new ArrayList<>()));
        for (byte[] superPacket : written) {
            for (byte[] packet : segments(superPacket, MTU)) {
                int at = packet[0] >> 4 == 4 ? 20 : 40;
                received.get(Packets.shortAt(packet, at) - 1000).add(packet);
            }
        }
        for (int i = 0; i < sent.size(); i++) {
            assertThat(received.get(i)).containsExactlyElementsOf(sent.get(i));
        }
    }

    /** What a device's super-packets of one flow become, each checked to be right alone. */
    private List<byte[]> packetsOf(Flow flow) {
        List<byte[]> packets = new ArrayList<>();
        int id = random.nextInt(65536);
        int sequence = random.nextInt();
        int supers = 1 + random.nextInt(5);
        for (int i = 0; i < supers; i++) {
            byte[] payload = new byte[1 + random.nextInt(60_000 >> random.nextInt(10))];
            random.nextBytes(payload);
            int flags = 0x10 | (random.nextInt(3) == 0 ? 8 : 0) | (random.nextInt(9) == 0 ? 1 : 0);
            int gsoSize = 1 + random.nextInt(MTU - flow.headers());
            byte[] whole = Packets.partial(flow, id, sequence, flags, payload);
            int type = !flow.tcp() ? VnetHeader.GSO_UDP_L4 : flow.ipv6() ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4;
            List<byte[]> cut = segments(Packets.withVnet(whole, true, type, gsoSize), MTU);
            assertThat(cut).hasSize((payload.length + gsoSize - 1) / gsoSize);
            checkSegments(flow, cut, id, sequence, flags, payload);
            packets.addAll(cut);
            id += cut.size();
            sequence += payload.length;
        }
        return packets;
    }

    private static void checkSegments(
            Flow flow, List<byte[]> cut, int firstId, int firstSequence, int flags, byte[] payload) {
        int at = 0;
        for (int i = 0; i < cut.size(); i++) {
            int length = cut.get(i).length - flow.headers();
            boolean last = i == cut.size() - 1;
            byte[] expected = Packets.partial(
                    flow,
                    firstId + i,
                    firstSequence + at,
                    last ? flags : flags & ~9,
                    Packets.slice(payload, at, length));
            assertThat(cut.get(i)).isEqualTo(expected);
            assertThat(Packets.isRight(Packets.completed(cut.get(i)))).isTrue();
            at += length;
        }
        assertThat(at).isEqualTo(payload.length);
    }

    private Flow randomFlow(int index) {
        byte[] options = new byte[4 * random.nextInt(6)];
        random.nextBytes(options);
        return Packets.flow(random.nextBoolean(), random.nextInt(3) > 0, 1, 2, 1000 + index, options);
    }

    static List<byte[]> segments(byte[] vnetAndPacket, int mtuBytes) {
        Segmenter segmenter = new Segmenter();
        byte[] buffer = vnetAndPacket.clone();
        List<byte[]> packets = new ArrayList<>();
        assertThat(segmenter.begin(buffer, 0, buffer.length, mtuBytes)).isTrue();
        for (int n = segmenter.next(); n > 0; n = segmenter.next()) {
            assertThat(segmenter.packetOffset()).isGreaterThanOrEqualTo(Segmenter.HEADROOM);
            packets.add(Packets.slice(buffer, segmenter.packetOffset(), n));
            // The caller may overwrite what lies in front, the segment included.
            java.util.Arrays.fill(buffer, 0, segmenter.packetOffset() + n, (byte) 0x55);
        }
        return packets;
    }
}

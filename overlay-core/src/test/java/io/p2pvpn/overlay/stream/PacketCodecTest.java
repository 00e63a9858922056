package io.p2pvpn.overlay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketCodecTest {
    private static final long NUMBER = 0x0102_0304_0506L;

    private final PacketWriter writer = new PacketWriter();
    private final PacketReader reader = new PacketReader();

    private static Ranges ranges(long... starts) {
        Ranges ranges = new Ranges();
        for (long start : starts) {
            ranges.add(start, start + 2);
        }
        return ranges;
    }

    /** A packet with one of everything. */
    private byte[] all() {
        writer.start(1000, NUMBER, 3, 70_000);
        assertThat(writer.ack(ranges(5, 20, 22, 100), 250)).isTrue();
        writer.ping();
        assertThat(writer.open(8, 262_144, 255, "files".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(writer.accept(9, 4096)).isTrue();
        assertThat(writer.reset(10, 256, 1L << 40)).isTrue();
        assertThat(writer.stop(11, 7)).isTrue();
        assertThat(writer.maxData(Varint.MAX)).isTrue();
        assertThat(writer.maxStreamData(12, 16_384)).isTrue();
        int at = writer.stream(13, 63, 3, true);
        Arrays.fill(writer.bytes(), at, at + 3, (byte) 0xab);
        int room = writer.streamRoom(14, 0);
        at = writer.stream(14, 0, room, false);
        Arrays.fill(writer.bytes(), at, at + room, (byte) 0xcd);
        assertThat(writer.room()).isZero();
        return Arrays.copyOfRange(writer.bytes(), Frame.PREFIX_BYTES, writer.length());
    }

    private List<String> read(byte[] packet) {
        RecordingSink sink = new RecordingSink();
        assertThat(reader.read(packet, 0, packet.length)).isTrue();
        reader.tell(sink);
        return sink.said();
    }

    @Test
    void packet_withOneOfEverything_isReadAsItWasWritten() {
        List<String> said = read(all());
        assertThat(said.subList(0, 8))
                .containsExactly(
                        "ack 250 100-101 20-23 5-6",
                        "open 8 255 262144 files",
                        "accept 9 4096",
                        "reset 10 256 1099511627776",
                        "stop 11 7",
                        "max " + Varint.MAX,
                        "max 12 16384",
                        "stream 13 63 ababab fin");
        assertThat(said.get(8)).startsWith("stream 14 0 cdcd");
        assertThat(reader.number()).isEqualTo(NUMBER);
        assertThat(reader.source()).isEqualTo(3);
        assertThat(reader.destination()).isEqualTo(70_000);
        assertThat(reader.isEliciting()).isTrue();
    }

    @Test
    void packet_cutAtEachLength_isMalformedOrSaysLess() {
        byte[] whole = all();
        List<String> all = read(whole);
        for (int length = 0; length < whole.length; length++) {
            // Exactly so long: reading beyond the end would throw.
            byte[] cut = Arrays.copyOf(whole, length);
            if (reader.read(cut, 0, cut.length)) {
                RecordingSink sink = new RecordingSink();
                reader.tell(sink);
                assertThat(sink.said().size()).isLessThanOrEqualTo(all.size());
            }
        }
    }

    @Test
    void packet_damagedAnywhere_neverThrows() {
        byte[] whole = all();
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(60));
            for (int k = random.nextInt(3); k >= 0; k--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            if (reader.read(damaged, 0, damaged.length)) {
                reader.tell(new RecordingSink());
            }
        }
    }

    @Test
    void acknowledgementAlone_asksForNone() {
        writer.start(100, 1, 1, 1);
        assertThat(writer.ack(ranges(0), 0)).isTrue();
        assertThat(read(Arrays.copyOfRange(writer.bytes(), Frame.PREFIX_BYTES, writer.length())))
                .containsExactly("ack 0 0-1");
        assertThat(reader.isEliciting()).isFalse();
    }

    @Test
    void unknownType_withALength_isSkipped_without_isMalformed() {
        // Number 1, connections 1 and 0; type 0x20 of two bytes; a limit of 5.
        assertThat(read(HexFormat.of().parseHex("00000000000101002002ffff1005")))
                .containsExactly("max 5");
        byte[] without = HexFormat.of().parseHex("0000000000010100071005");
        assertThat(reader.read(without, 0, without.length)).isFalse();
        byte[] beyond = HexFormat.of().parseHex("0000000000010100200dffff1005");
        assertThat(reader.read(beyond, 0, beyond.length)).isFalse();
    }

    @Test
    void packet_ofNoConnection_isMalformed() {
        byte[] packet = HexFormat.of().parseHex("00000000000100001005");
        assertThat(reader.read(packet, 0, packet.length)).isFalse();
    }

    @Test
    void streamBytes_ofAnyWish_fit() {
        for (int bytes = 20; bytes < 200; bytes++) {
            for (int wanted = 0; wanted < 200; wanted++) {
                writer.start(bytes, 1, 1, 1);
                int fit = writer.streamBytes(4, 100, wanted);
                if (fit >= 0) {
                    assertThat(fit).isLessThanOrEqualTo(wanted);
                    writer.stream(4, 100, fit, false);
                    assertThat(writer.room()).isNotNegative();
                }
            }
        }
    }

    @Test
    void varint_ofEverySize_isReadAsItWasWritten() {
        byte[] out = new byte[8];
        for (long value : new long[] {0, 63, 64, 16_383, 16_384, (1 << 30) - 1, 1 << 30, Varint.MAX}) {
            int end = Varint.put(out, 0, value);
            assertThat(end).isEqualTo(Varint.size(value)).isEqualTo(Varint.sizeOf(out[0]));
            assertThat(Varint.get(out, 0)).isEqualTo(value);
        }
        // RFC 9000, appendix A.1.
        assertThat(Varint.get(HexFormat.of().parseHex("c2197c5eff14e88c"), 0)).isEqualTo(151_288_809_941_952_652L);
        assertThat(Varint.get(HexFormat.of().parseHex("9d7f3e7d"), 0)).isEqualTo(494_878_333);
        assertThat(Varint.get(HexFormat.of().parseHex("7bbd"), 0)).isEqualTo(15_293);
    }
}

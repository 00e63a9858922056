package io.p2pvpn.overlay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.stream.ReceiveBuffer.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BuffersTest {
    @SuppressWarnings("ArrayRecordComponent") // never compared as a value
    private record Part(long offset, byte[] bytes, boolean fin) {}

    @Test
    void bytes_ofPartsLostAndDoubledByChance_allComeInOrder() {
        for (int seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            byte[] content = new byte[random.nextInt(60_000)];
            random.nextBytes(content);
            SendBuffer sender = new SendBuffer();
            ReceiveBuffer receiver = new ReceiveBuffer();
            sender.raiseLimit(Long.MAX_VALUE);
            byte[] got = new byte[content.length + 1];
            int written = 0;
            int read = 0;
            List<Part> underWay = new ArrayList<>();
            for (int turns = 0; !sender.isDone() || read < content.length; turns++) {
                assertThat(turns).isLessThan(1_000_000);
                written += sender.write(
                        content, written, Math.min(random.nextInt(5000), content.length - written), 20_000);
                if (written == content.length) {
                    sender.finish();
                }
                if (sender.hasSome(Long.MAX_VALUE)) {
                    int bytes = (int) Math.min(sender.nextBytes(Long.MAX_VALUE), 1 + random.nextInt(1400));
                    long offset = sender.nextOffset();
                    boolean fin = sender.isLast(bytes);
                    byte[] part = new byte[bytes];
                    sender.take(bytes, part, 0);
                    underWay.add(new Part(offset, part, fin));
                }
                if (!underWay.isEmpty()) {
                    Part part = underWay.remove(random.nextInt(underWay.size()));
                    int fate = random.nextInt(10);
                    if (fate > 2) {
                        assertThat(receiver.check(part.offset, part.bytes.length, part.fin, Long.MAX_VALUE))
                                .isEqualTo(Refusal.NONE);
                        receiver.take(part.offset, part.bytes, 0, part.bytes.length, part.fin);
                    }
                    // An acknowledgement that was lost, or late, looks like a loss.
                    if (fate > 4) {
                        sender.onAcked(part.offset, part.bytes.length, part.fin);
                    } else {
                        sender.onLost(part.offset, part.bytes.length, part.fin);
                    }
                }
                read += receiver.read(got, read, random.nextInt(4000));
            }
            assertThat(Arrays.copyOf(got, read)).as("seed %d", seed).isEqualTo(content);
            assertThat(receiver.isAtEnd()).isTrue();
            assertThat(receiver.capacity()).isZero();
        }
    }

    @Test
    void bytes_beyondTheWindowOrTheEnd_areRefused() {
        ReceiveBuffer buffer = new ReceiveBuffer();
        assertThat(buffer.check(90, 11, false, 100)).isEqualTo(Refusal.WINDOW);
        assertThat(buffer.check(90, 10, false, 100)).isEqualTo(Refusal.NONE);
        buffer.take(90, new byte[10], 0, 10, false);
        assertThat(buffer.check(0, 50, true, 1000)).isEqualTo(Refusal.FINAL_SIZE);
        buffer.take(100, new byte[10], 0, 10, true);
        assertThat(buffer.check(100, 11, false, 1000)).isEqualTo(Refusal.FINAL_SIZE);
        assertThat(buffer.check(100, 5, true, 1000)).isEqualTo(Refusal.FINAL_SIZE);
        assertThat(buffer.check(100, 10, true, 1000)).isEqualTo(Refusal.NONE);
        assertThat(buffer.checkReset(109, 1000)).isEqualTo(Refusal.FINAL_SIZE);
        assertThat(buffer.checkReset(110, 1000)).isEqualTo(Refusal.NONE);
        assertThat(buffer.checkReset(110, 100)).isEqualTo(Refusal.WINDOW);
    }

    @Test
    void gaps_aboveTheLimit_areRefused_untilSomeAreFilled() {
        ReceiveBuffer buffer = new ReceiveBuffer();
        byte[] one = new byte[1];
        for (int i = 0; i < StreamLimits.STREAM_RANGES_MAX; i++) {
            assertThat(buffer.check(2L * i + 1, 1, false, 1 << 20)).isEqualTo(Refusal.NONE);
            buffer.take(2L * i + 1, one, 0, 1, false);
        }
        assertThat(buffer.check(1 << 19, 1, false, 1 << 20)).isEqualTo(Refusal.GAPS);
        assertThat(buffer.check(1, 1, false, 1 << 20)).isEqualTo(Refusal.NONE);
        buffer.take(0, one, 0, 1, false);
        assertThat(buffer.check(1 << 19, 1, false, 1 << 20)).isEqualTo(Refusal.NONE);
    }

    @Test
    void reset_farBeyondTheWindow_changesNothing() {
        ReceiveBuffer buffer = new ReceiveBuffer();
        assertThat(buffer.checkReset(Varint.MAX, 1000)).isEqualTo(Refusal.WINDOW);
        assertThat(buffer.highest()).isZero();
        buffer.take(0, new byte[5000], 0, 5000, false);
        assertThat(buffer.available()).isEqualTo(5000);
    }

    @Test
    void nothing_atAnOffsetAhead_holdsNothingUp() {
        ReceiveBuffer buffer = new ReceiveBuffer();
        assertThat(buffer.take(900, new byte[0], 0, 0, false)).isEqualTo(900);
        buffer.take(5, new byte[] {6, 7}, 0, 2, false);
        buffer.take(0, new byte[] {1, 2, 3, 4, 5}, 0, 5, false);
        byte[] got = new byte[10];
        assertThat(buffer.read(got, 0, 10)).isEqualTo(7);
        assertThat(got).startsWith(1, 2, 3, 4, 5, 6, 7);
    }
}

package io.p2pvpn.overlay.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandOverTest {
    private static final int ENTRIES = 200_000;

    private static byte[] entry(Random random, int number, int lengthMax) {
        byte[] bytes = new byte[random.nextInt(lengthMax)];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private static boolean add(HandOver queue, int number, byte[] bytes) {
        return queue.add(null, null, null, null, number, bytes, 0, bytes.length);
    }

    @Test
    void entries_addedAndTakenInAnyOrder_comeOutAsTheyWentIn() {
        for (int lengthMax : new int[] {2, 1500, 65_536, HandOver.BYTES}) {
            Random random = new Random(lengthMax);
            HandOver queue = new HandOver();
            ArrayDeque<byte[]> model = new ArrayDeque<>();
            long bytes = 0;
            for (int number = 0; number < 20_000; number++) {
                if (random.nextInt(5) < 3) {
                    byte[] next = entry(random, number, lengthMax);
                    boolean room = queue.hasRoom(next.length);
                    assertThat(add(queue, number, next)).isEqualTo(room);
                    if (room) {
                        model.add(next);
                        bytes += next.length;
                    } else {
                        assertThat(model.size() == HandOver.ENTRIES || bytes + 2L * lengthMax > HandOver.BYTES)
                                .isTrue();
                    }
                } else {
                    byte[] expected = model.poll();
                    boolean taken = queue.take((source, from, route, keys, note, in, offset, length) -> assertThat(
                                    Arrays.copyOfRange(in, offset, offset + length))
                            .isEqualTo(expected));
                    assertThat(taken).isEqualTo(expected != null);
                    bytes -= expected == null ? 0 : expected.length;
                }
            }
        }
    }

    @Test
    void entries_betweenTwoThreads_arriveInOrderAndWhole() throws InterruptedException {
        HandOver queue = new HandOver();
        Thread adder = new Thread(() -> {
            Random random = new Random(1);
            for (int number = 0; number < ENTRIES; number++) {
                byte[] next = entry(random, number, 3000);
                while (!add(queue, number, next)) {
                    Thread.onSpinWait();
                }
            }
        });
        adder.start();
        Random random = new Random(1);
        int[] next = new int[1];
        while (next[0] < ENTRIES) {
            boolean taken = queue.take((source, from, route, keys, note, in, offset, length) -> {
                byte[] expected = entry(random, next[0], 3000);
                assertThat(note).isEqualTo(next[0]);
                assertThat(Arrays.equals(in, offset, offset + length, expected, 0, expected.length))
                        .isTrue();
                next[0]++;
            });
            if (!taken) {
                Thread.onSpinWait();
            }
        }
        adder.join();
    }
}

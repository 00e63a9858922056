package io.p2pvpn.vpn.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class FairRingsTest {
    private static final int RINGS = 4;
    private static final int BIG = 60_000;
    private static final int SMALL = 100;

    private final byte[] buffer = new byte[TunDevice.READ_BYTES_MAX];
    private final List<ArrayDeque<Integer>> waiting = new ArrayList<>();
    private final int[] reads = new int[RINGS];
    private final FairRings rings = new FairRings(makeRings());
    private int last;

    private FairRings.Ring[] makeRings() {
        FairRings.Ring[] made = new FairRings.Ring[RINGS];
        for (int i = 0; i < RINGS; i++) {
            int number = i;
            waiting.add(new ArrayDeque<>());
            made[i] = into -> {
                reads[number]++;
                Integer bytes = waiting.get(number).poll();
                last = number;
                return bytes == null ? 0 : bytes;
            };
        }
        return made;
    }

    private void fill(int ring, int packets, int bytes) {
        for (int i = 0; i < packets; i++) {
            waiting.get(ring).add(bytes);
        }
        rings.onReady(ring);
    }

    /** The rings that the next packets came from. */
    private List<Integer> order(int packets) {
        List<Integer> order = new ArrayList<>();
        while (order.size() < packets && rings.read(buffer) > 0) {
            order.add(last);
        }
        return order;
    }

    @Test
    void read_nothingReady_touchesNoRing() {
        waiting.get(1).add(SMALL);
        assertThat(rings.read(buffer)).isZero();
        assertThat(reads).containsOnly(0);
    }

    @Test
    void read_onePacket_readsItsRingTwiceAndNoOther() {
        fill(2, 1, SMALL);
        assertThat(order(2)).containsExactly(2);
        assertThat(reads).containsExactly(0, 0, 2, 0);
        assertThat(rings.read(buffer)).isZero();
        assertThat(reads[2]).isEqualTo(2);
    }

    @Test
    void read_twoBacklogs_oneQuantumEachInTurn() {
        fill(0, 5, BIG);
        fill(1, 5, BIG);
        // Two of 60,000 bytes use up the first quantum and overdraw it by so much that the next ones are one each.
        assertThat(order(10)).containsExactly(0, 0, 1, 1, 0, 1, 0, 1, 0, 1);
    }

    @Test
    void read_smallPacketsBesideLarge_bytesAreShared() {
        fill(0, 10_000, SMALL);
        fill(1, 1000, BIG);
        List<Integer> order = order(6000);
        long large = order.stream().filter(ring -> ring == 1).count();
        assertThat((6000 - large) * SMALL).isBetween((large - 3) * BIG, (large + 3) * BIG);
    }

    @Test
    void read_thinBesideBacklogs_comesNext() {
        fill(0, 100, BIG);
        fill(1, 100, BIG);
        order(11);
        fill(3, 1, SMALL);
        assertThat(order(1)).containsExactly(3);
    }

    @Test
    void read_ringThatEmptiesAgainAndAgain_takesNoMoreThanItsShare() {
        fill(0, 1000, BIG);
        order(3);
        int fromOther = 0;
        for (int i = 0; i < 200; i++) {
            if (waiting.get(1).isEmpty()) {
                fill(1, 1, BIG);
            }
            fromOther += order(1).get(0) == 1 ? 1 : 0;
        }
        assertThat(fromOther).isBetween(60, 110);
    }

    @Test
    void read_random_everyPacketOnceAndInOrder() {
        SplittableRandom random = new SplittableRandom(7);
        int queued = 0;
        int taken = 0;
        for (int round = 0; round < 1000; round++) {
            for (int i = random.nextInt(3); i > 0; i--) {
                int packets = random.nextInt(4);
                queued += packets;
                fill(random.nextInt(RINGS), packets, 1 + random.nextInt(BIG));
            }
            taken += order(random.nextInt(5)).size();
        }
        taken += order(Integer.MAX_VALUE).size();
        assertThat(taken).isEqualTo(queued).isGreaterThan(1000);
    }
}

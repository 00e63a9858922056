package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EventQueueTest {
    /** Now, soon, within a slot, seconds or years ahead, and at the end of time. */
    private static long drawDelayNanos(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> random.nextLong(1L << 20);
            case 2 -> random.nextLong(100_000_000L);
            case 3 -> random.nextLong(5_000_000_000L);
            case 4 -> random.nextLong(1L << 55);
            default -> Long.MAX_VALUE;
        };
    }

    @Test
    void addAndPoll_allDistances_equalsPriorityQueue() {
        SimSeeds.forEach(50, seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            EventQueue queue = new EventQueue();
            PriorityQueue<Marker> naive = new PriorityQueue<>(Marker.ORDER);
            long nowNanos = 0;
            for (int i = 0; i < 5000; i++) {
                if (random.nextInt(5) < 3) {
                    long nanos = SimWorld.saturatedAdd(nowNanos, drawDelayNanos(random));
                    Marker marker = new Marker(nanos, i);
                    queue.add(marker.nanos, marker.sequence, marker);
                    naive.add(marker);
                } else {
                    Marker expected = naive.poll();
                    assertThat(queue.first()).isSameAs(expected);
                    assertThat(queue.poll()).isSameAs(expected);
                    nowNanos = expected == null || expected.nanos == Long.MAX_VALUE ? nowNanos : expected.nanos;
                }
                assertThat(queue.size()).isEqualTo(naive.size());
            }
            while (!naive.isEmpty()) {
                assertThat(queue.firstNanos()).isEqualTo(naive.peek().nanos);
                assertThat(queue.firstSequence()).isEqualTo(naive.peek().sequence);
                assertThat(queue.poll()).isSameAs(naive.poll());
            }
            assertThat(queue.poll()).isNull();
            assertThat(queue.first()).isNull();
        });
    }

    @Test
    void removeDead_someDead_leavesTheOthersInOrder() {
        SimSeeds.forEach(50, seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            EventQueue queue = new EventQueue();
            List<Marker> expected = new ArrayList<>();
            int count = random.nextInt(400);
            for (int i = 0; i < count; i++) {
                Marker marker = new Marker(drawDelayNanos(random), i);
                marker.isLive = random.nextBoolean();
                queue.add(marker.nanos, marker.sequence, marker);
                if (marker.isLive) {
                    expected.add(marker);
                }
            }
            assertThat(queue.removeDead()).isEqualTo(count - expected.size());
            expected.sort(Marker.ORDER);
            for (Marker marker : expected) {
                assertThat(queue.poll()).isSameAs(marker);
            }
            assertThat(queue.poll()).isNull();
        });
    }
}

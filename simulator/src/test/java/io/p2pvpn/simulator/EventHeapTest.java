package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class EventHeapTest {
    @Test
    void addAndPoll_randomOrder_equalsPriorityQueue() {
        SimSeeds.forEach(50, seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            EventHeap heap = new EventHeap();
            PriorityQueue<Marker> naive = new PriorityQueue<>(Marker.ORDER);
            for (int i = 0; i < 5000; i++) {
                if (random.nextInt(5) < 3) {
                    Marker marker = new Marker(random.nextInt(50), i);
                    heap.add(marker.nanos, marker.sequence, marker);
                    naive.add(marker);
                } else {
                    assertThat(heap.poll()).isSameAs(naive.poll());
                }
                assertThat(heap.size()).isEqualTo(naive.size());
            }
            while (!naive.isEmpty()) {
                assertThat(heap.firstNanos()).isEqualTo(naive.peek().nanos);
                assertThat(heap.poll()).isSameAs(naive.poll());
            }
            assertThat(heap.poll()).isNull();
        });
    }

    @Test
    void removeDead_someDead_leavesTheOthersInOrder() {
        SimSeeds.forEach(50, seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            EventHeap heap = new EventHeap();
            List<Marker> expected = new ArrayList<>();
            int count = random.nextInt(40);
            for (int i = 0; i < count; i++) {
                Marker marker = new Marker(random.nextInt(10), i);
                marker.isLive = random.nextBoolean();
                heap.add(marker.nanos, marker.sequence, marker);
                if (marker.isLive) {
                    expected.add(marker);
                }
            }
            assertThat(heap.removeDead()).isEqualTo(count - expected.size());
            expected.sort(Marker.ORDER);
            for (Marker marker : expected) {
                assertThat(heap.poll()).isSameAs(marker);
            }
            assertThat(heap.poll()).isNull();
        });
    }
}

package io.p2pvpn.overlay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangesTest {
    private static String naive(BitSet set) {
        StringBuilder text = new StringBuilder();
        for (int start = set.nextSetBit(0); start >= 0; ) {
            int end = set.nextClearBit(start);
            text.append(text.length() == 0 ? "" : " ").append(start).append('-').append(end - 1);
            start = set.nextSetBit(end);
        }
        return text.toString();
    }

    @Test
    void addAndRemove_byChance_areAsInABitSet() {
        for (int seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            Ranges ranges = new Ranges();
            BitSet naive = new BitSet();
            for (int i = 0; i < 300; i++) {
                int start = random.nextInt(100);
                int end = start + random.nextInt(15);
                if (random.nextInt(3) > 0) {
                    ranges.add(start, end);
                    naive.set(start, end);
                } else {
                    ranges.remove(start, end);
                    naive.clear(start, end);
                }
                assertThat(ranges).as("seed %d", seed).hasToString(naive(naive));
                int number = random.nextInt(110);
                assertThat(ranges.contains(number)).isEqualTo(naive.get(number));
                assertThat(ranges.containsAll(start, end))
                        .isEqualTo(naive.get(start, end).cardinality() == end - start);
            }
        }
    }
}

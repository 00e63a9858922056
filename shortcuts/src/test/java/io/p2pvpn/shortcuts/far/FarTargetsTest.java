package io.p2pvpn.shortcuts.far;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FarTargetsTest {
    private static final int DRAWS = 40_000;

    @Test
    void count_ofEverySize_isHalfTheLogarithmRoundedUp() {
        int[][] expected = {{0, 0}, {1, 0}, {10, 0}, {11, 2}, {16, 2}, {17, 3}, {64, 3}, {65, 4}, {256, 4}, {257, 5}};
        for (int[] pair : expected) {
            assertThat(FarTargets.count(pair[0])).as("size " + pair[0]).isEqualTo(pair[1]);
        }
        assertThat(FarTargets.count(1024)).isEqualTo(5);
        assertThat(FarTargets.count(1_000_000)).isEqualTo(10);
        assertThat(FarTargets.count(Integer.MAX_VALUE)).isEqualTo(15);
    }

    /** The logarithm of a harmonic distance is even, from where neighbours end to half the ring. */
    @Test
    void draw_manyTimes_everyPartOfTheLogarithmAndEitherSideIsAsLikely() {
        int size = 1024;
        double nearest = 4.5 / size;
        int parts = 10;
        for (long seed = 1; seed <= 5; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] position = new byte[OverlayId.BYTES];
            random.nextBytes(position);
            OverlayId self = OverlayId.of(position);
            int[] counts = new int[parts];
            int clockwise = 0;
            for (int i = 0; i < DRAWS; i++) {
                OverlayId target = FarTargets.draw(self, size, random);
                double ahead = self.clockwiseFractionTo(target);
                double shorter = Math.min(ahead, target.clockwiseFractionTo(self));
                assertThat(shorter).isBetween(nearest * 0.999_999, 0.5);
                clockwise += ahead < 0.5 ? 1 : 0;
                counts[(int) Math.min(parts - 1, parts * Math.log(shorter / nearest) / Math.log(0.5 / nearest))]++;
            }
            assertThat((double) clockwise / DRAWS).isCloseTo(0.5, within(0.01));
            for (int part = 0; part < parts; part++) {
                assertThat((double) counts[part] / DRAWS)
                        .as("seed " + seed + " part " + part)
                        .isCloseTo(1.0 / parts, within(0.008));
            }
        }
    }

    @Test
    void draw_inTheSmallestAndTheLargestRing_isOnTheRing() {
        SplittableRandom random = new SplittableRandom(3);
        for (int size : new int[] {0, 1, 2, 11, Integer.MAX_VALUE}) {
            for (int i = 0; i < 1000; i++) {
                OverlayId target = FarTargets.draw(OverlayId.ZERO, size, random);
                assertThat(target).isNotEqualTo(OverlayId.ZERO);
            }
        }
    }

    @Test
    void draw_sameSeed_isTheSame() {
        for (int i = 0; i < 10; i++) {
            assertThat(FarTargets.draw(OverlayId.ZERO, 1000, new SplittableRandom(i)))
                    .isEqualTo(FarTargets.draw(OverlayId.ZERO, 1000, new SplittableRandom(i)));
        }
    }
}

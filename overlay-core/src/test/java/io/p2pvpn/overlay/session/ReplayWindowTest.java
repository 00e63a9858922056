package io.p2pvpn.overlay.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ReplayWindowTest {
    /** Keeps every counter it has seen. */
    private static final class Oracle {
        private final Set<Long> seen = new TreeSet<>();
        private long highest = -1;

        boolean accept(long counter) {
            boolean fresh = counter >= 0 && highest - counter < ReplayWindow.SIZE && seen.add(counter);
            highest = fresh ? Math.max(highest, counter) : highest;
            return fresh;
        }
    }

    @Test
    void accept_anyCounters_agreesWithAnOracle() {
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ReplayWindow window = new ReplayWindow();
            Oracle oracle = new Oracle();
            long spread = 1 + random.nextLong(3L * ReplayWindow.SIZE);
            long base = random.nextBoolean() ? 0 : random.nextLong(1L << 47);
            for (int i = 0; i < 3000; i++) {
                base += random.nextInt(100) == 0 ? random.nextLong(2L * ReplayWindow.SIZE) : random.nextInt(3);
                long counter = Math.max(0, base - random.nextLong(spread));
                boolean expected = oracle.accept(counter);
                assertThat(window.mayAccept(counter)).as("seed " + seed).isEqualTo(expected);
                assertThat(window.accept(counter)).as("seed " + seed).isEqualTo(expected);
                assertThat(window.highest()).isEqualTo(oracle.highest);
            }
        }
    }

    @Test
    void accept_extremes_neverTwiceAndNeverNegative() {
        ReplayWindow window = new ReplayWindow();
        assertThat(window.accept(-1)).isFalse();
        assertThat(window.accept(Long.MIN_VALUE)).isFalse();
        assertThat(window.accept(0)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isFalse();
        assertThat(window.accept(0)).isFalse();
        assertThat(window.accept(Long.MAX_VALUE - 1)).isTrue();
    }
}

package io.p2pvpn.nat.punch;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnockPacerTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long MILLI_NANOS = 1_000_000L;

    private final Loop loop = new Loop();
    private final List<Long> knocksNanos = new ArrayList<>();

    /** The most knocks within any second. */
    private int densest() {
        int most = 0;
        for (int first = 0, last = 0; last < knocksNanos.size(); last++) {
            while (knocksNanos.get(last) - knocksNanos.get(first) >= SECOND_NANOS) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    private KnockPacer.Search endless() {
        return () -> knocksNanos.add(loop.nowNanos);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 299, 300})
    void knocks_ofManySearches_neverExceedTheRate(int rate) {
        KnockPacer pacer = new KnockPacer(loop, rate);
        for (int i = 0; i < KnockPacer.SEARCHES_MAX; i++) {
            assertThat(pacer.add(endless())).isTrue();
        }
        assertThat(pacer.add(endless())).isFalse();
        loop.runFor(10 * SECOND_NANOS);
        assertThat(densest()).isLessThanOrEqualTo(rate);
        assertThat(knocksNanos.size()).isBetween(10 * rate - rate / 10 - 1, 10 * rate);
    }

    @Test
    void knocks_afterPausesAndLateTurns_doNotMakeUpForThem() {
        KnockPacer pacer = new KnockPacer(loop, 300);
        for (int i = 0; i < 200; i++) {
            KnockPacer.Search search = endless();
            pacer.add(search);
            loop.runFor(30 * MILLI_NANOS);
            pacer.remove(search);
            loop.runFor(i % 7 * (10 * MILLI_NANOS));
            loop.stall(i % 5 * (100 * MILLI_NANOS));
        }
        assertThat(densest()).isLessThanOrEqualTo(300);
        assertThat(knocksNanos).isNotEmpty();
    }

    @Test
    void searches_takeTurns_andEndWhenTheySaySo() {
        KnockPacer pacer = new KnockPacer(loop, 100);
        int[] counts = new int[2];
        pacer.add(() -> ++counts[0] < 5);
        pacer.add(() -> ++counts[1] < 50);
        loop.runFor(100 * MILLI_NANOS);
        assertThat(Math.abs(counts[0] - counts[1])).isLessThanOrEqualTo(1);
        loop.runFor(SECOND_NANOS);
        assertThat(counts).containsExactly(5, 50);
        assertThat(loop.tasks).isEmpty();
    }

    @Test
    void rateOfZero_takesNothing() {
        assertThat(new KnockPacer(loop, 0).add(endless())).isFalse();
        assertThat(loop.tasks).isEmpty();
    }

    /** A loop whose time the test moves; nothing else of it is used. */
    private static final class Loop implements NodeRuntime, Clock, Timers {
        private record Task(long atNanos, Runnable action) {}

        private final List<Task> tasks = new ArrayList<>();
        private final Counters counters = new Counters();
        private long nowNanos = -5;

        void runFor(long durationNanos) {
            long until = nowNanos + durationNanos;
            while (!tasks.isEmpty() && earliest().atNanos() <= until) {
                Task task = earliest();
                tasks.remove(task);
                nowNanos = Math.max(nowNanos, task.atNanos());
                task.action().run();
            }
            nowNanos = until;
        }

        /** Time passes and nothing runs. */
        void stall(long durationNanos) {
            nowNanos += durationNanos;
        }

        private Task earliest() {
            Task first = tasks.get(0);
            for (Task task : tasks) {
                first = task.atNanos() < first.atNanos() ? task : first;
            }
            return first;
        }

        @Override
        public Timer schedule(long delayNanos, Runnable action) {
            Task task = new Task(nowNanos + delayNanos, action);
            tasks.add(task);
            return () -> tasks.remove(task);
        }

        @Override
        public void execute(Runnable action) {
            schedule(0, action);
        }

        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public long epochMillis() {
            return 0;
        }

        @Override
        public Clock clock() {
            return this;
        }

        @Override
        public Timers timers() {
            return this;
        }

        @Override
        public Counters counters() {
            return counters;
        }

        @Override
        public RandomGenerator random() {
            throw new UnsupportedOperationException();
        }

        @Override
        public KeySource keys() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Transport transport() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Store store() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Blocking blocking() {
            throw new UnsupportedOperationException();
        }
    }
}

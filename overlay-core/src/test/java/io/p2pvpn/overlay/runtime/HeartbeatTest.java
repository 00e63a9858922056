package io.p2pvpn.overlay.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private long nowNanos = 7_300_000_000L;
    private long nextBeatNanos = 8_300_000_000L;
    private final Heartbeat heartbeat = new Heartbeat(new OneByOne(), () -> nowNanos, this::guard);

    private final class OneByOne implements Timers {
        @Override
        public Timer schedule(long delayNanos, Runnable task) {
            assertThat(nowNanos + delayNanos).isEqualTo(nextBeatNanos);
            waiting.add(task);
            return () -> waiting.remove(task);
        }

        @Override
        public void execute(Runnable task) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void beat_firedLate_doesNotMoveTheNext() {
        heartbeat.add(() -> ran.add("a"));
        nowNanos = nextBeatNanos + 80_000_000L;
        nextBeatNanos += 1_000_000_000L;
        waiting.remove().run();
        assertThat(ran).containsExactly("a");
    }

    @Test
    void before_anyTime_isTheLastBeatOrMiddleNotAfterIt() {
        assertThat(heartbeat.before(7_300_000_000L)).isEqualTo(7_300_000_000L);
        assertThat(heartbeat.before(7_799_999_999L)).isEqualTo(7_300_000_000L);
        assertThat(heartbeat.before(7_800_000_000L)).isEqualTo(7_800_000_000L);
        assertThat(heartbeat.before(12_345_000_000L)).isEqualTo(12_300_000_000L);
        assertThat(heartbeat.before(5_000_000_000L)).isEqualTo(4_800_000_000L);
    }

    private void guard(Runnable task) {
        try {
            task.run();
        } catch (IllegalStateException expected) {
            ran.add("failed");
        }
    }

    private void beat() {
        Runnable due = waiting.remove();
        nowNanos = nextBeatNanos;
        nextBeatNanos += 1_000_000_000L;
        due.run();
    }

    @Test
    void add_severalTasks_oneTimerRunsThemInOrderEachSecond() {
        heartbeat.add(() -> ran.add("a"));
        heartbeat.add(() -> ran.add("b"));
        assertThat(waiting).hasSize(1);
        beat();
        beat();
        assertThat(ran).containsExactly("a", "b", "a", "b");
        assertThat(waiting).hasSize(1);
    }

    @Test
    void add_taskThatFails_stopsNeitherItselfNorOthers() {
        heartbeat.add(() -> {
            throw new IllegalStateException();
        });
        heartbeat.add(() -> ran.add("b"));
        beat();
        beat();
        assertThat(ran).containsExactly("failed", "b", "failed", "b");
    }

    @Test
    void cancel_byAnEarlierTaskOfTheSameBeat_isHeeded() {
        List<Timers.Timer> second = new ArrayList<>();
        heartbeat.add(() -> second.forEach(Timers.Timer::cancel));
        second.add(heartbeat.add(() -> ran.add("b")));
        beat();
        beat();
        assertThat(ran).isEmpty();
    }

    @Test
    void cancel_ofTheLastTask_restsUntilThereIsAnother() {
        Timers.Timer only = heartbeat.add(() -> ran.add("a"));
        only.cancel();
        only.cancel();
        assertThat(waiting).isEmpty();
        heartbeat.add(() -> ran.add("b"));
        beat();
        assertThat(ran).containsExactly("b");
    }
}

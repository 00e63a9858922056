package io.p2pvpn.overlay.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final Heartbeat heartbeat = new Heartbeat(new OneByOne(), this::guard);

    private final class OneByOne implements Timers {
        @Override
        public Timer schedule(long delayNanos, Runnable task) {
            assertThat(delayNanos).isEqualTo(1_000_000_000L);
            waiting.add(task);
            return () -> waiting.remove(task);
        }

        @Override
        public void execute(Runnable task) {
            throw new UnsupportedOperationException();
        }
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

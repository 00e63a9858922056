package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Timers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SimWorldTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimWorld world = new SimWorld(SimSeeds.seedOr(1));
    private final List<String> log = new ArrayList<>();

    @Test
    void schedule_equalDeadlines_runInTheOrderSet() {
        Timers timers = world.network().addHost("a").start().timers();
        timers.schedule(5, () -> log.add("5a"));
        timers.schedule(3, () -> log.add("3"));
        timers.schedule(5, () -> log.add("5b"));
        timers.execute(() -> log.add("0"));
        timers.schedule(5, () -> log.add("5c"));
        world.run(5);
        assertThat(log).containsExactly("0", "3", "5a", "5b", "5c");
    }

    @Test
    void schedule_fromATask_countsFromItsTime() {
        SimRuntime runtime = world.network().addHost("a").start();
        runtime.timers().schedule(10, () -> runtime.timers().schedule(10, () -> log.add("" + world.nanoTime())));
        world.runFor(100);
        assertThat(log).containsExactly("20");
        assertThat(world.nanoTime()).isEqualTo(100);
    }

    @Test
    void schedule_negativeDelay_isRefused() {
        Timers timers = world.network().addHost("a").start().timers();
        assertThatThrownBy(() -> timers.schedule(-1, () -> {})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cancel_beforeAndAfterTheDeadline_isHarmless() {
        Timers timers = world.network().addHost("a").start().timers();
        Timers.Timer early = timers.schedule(5, () -> log.add("early"));
        Timers.Timer late = timers.schedule(5, () -> log.add("late"));
        early.cancel();
        early.cancel();
        world.run(10);
        late.cancel();
        world.run(20);
        assertThat(log).containsExactly("late");
    }

    @Test
    void cancel_manyTimers_freesTheQueue() {
        Timers timers = world.network().addHost("a").start().timers();
        for (int i = 0; i < 100_000; i++) {
            timers.schedule(SECOND, () -> log.add("never")).cancel();
        }
        timers.schedule(2 * SECOND, () -> log.add("once"));
        assertThat(world.pendingEvents()).isLessThan(5000);
        world.runFor(3 * SECOND);
        assertThat(log).containsExactly("once");
        assertThat(world.pendingEvents()).isZero();
    }

    @Test
    void crash_pendingTimers_neverFireAndLeaveTheQueue() {
        SimHost host = world.network().addHost("a");
        SimRuntime old = host.start();
        for (int i = 0; i < 10_000; i++) {
            old.timers().schedule(1000 + i, () -> log.add("old"));
        }
        host.crash();
        assertThat(world.pendingEvents()).isZero();
        host.start().timers().schedule(5, () -> log.add("new"));
        old.timers().schedule(1, () -> log.add("ghost"));
        world.runFor(SECOND);
        assertThat(log).containsExactly("new");
    }

    @Test
    void clock_virtualTime_startsAtZeroAnd2026() {
        SimHost host = world.network().addHost("a");
        SimRuntime runtime = host.start();
        assertThat(runtime.clock().nanoTime()).isZero();
        assertThat(runtime.clock().epochMillis()).isEqualTo(SimWorld.START_EPOCH_MILLIS);
        host.setWallClockSkewMillis(-5000);
        world.runFor(2 * SECOND);
        assertThat(runtime.clock().nanoTime()).isEqualTo(2 * SECOND);
        assertThat(runtime.clock().epochMillis()).isEqualTo(SimWorld.START_EPOCH_MILLIS - 3000);
    }

    @Test
    void runUntil_conditionComesTrue_stopsThere() {
        Timers timers = world.network().addHost("a").start().timers();
        timers.schedule(SECOND, () -> log.add("first"));
        timers.schedule(2 * SECOND, () -> log.add("second"));
        assertThat(world.runUntil(() -> !log.isEmpty(), 10 * SECOND)).isTrue();
        assertThat(world.nanoTime()).isEqualTo(SECOND);
        assertThat(world.runUntil(() -> log.size() == 3, 10 * SECOND)).isFalse();
        assertThat(world.nanoTime()).isEqualTo(11 * SECOND);
        assertThat(world.runUntil(() -> log.size() == 2, SECOND, SECOND / 2)).isTrue();
        assertThat(world.runUntil(() -> log.size() == 3, SECOND, SECOND / 3)).isFalse();
        assertThat(world.nanoTime()).isEqualTo(12 * SECOND);
    }

    @Test
    void step_eventsOfOneInstant_happenOneByOne() {
        world.after(5, () -> log.add("a"));
        world.after(5, () -> log.add("b"));
        assertThat(world.step()).isTrue();
        assertThat(log).containsExactly("a");
        assertThat(world.step()).isTrue();
        assertThat(world.step()).isFalse();
        assertThat(log).containsExactly("a", "b");
        assertThat(world.events()).isEqualTo(2);
    }

    @Test
    void afterEachEvent_violatedInvariant_failsAtThatEvent() {
        world.afterEachEvent(() -> {
            if (log.size() > 1) {
                throw new IllegalStateException("too many");
            }
        });
        world.after(1, () -> log.add("a"));
        world.after(2, () -> log.add("b"));
        world.after(3, () -> log.add("c"));
        assertThatThrownBy(() -> world.runFor(10))
                .hasMessage("too many")
                .satisfies(failure ->
                        assertThat(failure.getSuppressed()[0]).hasMessageContaining("world of seed " + world.seed()));
        assertThat(log).containsExactly("a", "b");
    }

    @Test
    void forEachSeed_failure_namesSeedAndReplay() {
        assertThatThrownBy(() -> SimSeeds.forEach(5, seed -> {
                    if (seed == SimSeeds.seedOr(4)) {
                        throw new IllegalStateException("broken");
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed " + SimSeeds.seedOr(4) + " failed: broken")
                .hasMessageContaining("-Dp2pvpn.seed=" + SimSeeds.seedOr(4))
                .hasMessageContaining("-Dtest=SimWorldTest#");
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class SimRuntimeTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimWorld world = new SimWorld(SimSeeds.seedOr(1));
    private final SimHost host = world.network().addHost("a");
    private final SimHost peer = world.network().addHost("b");
    private final List<Long> ticksNanos = new ArrayList<>();

    @Test
    void restart_storedContent_survives() {
        SimRuntime first = host.start();
        CompletableFuture<Void> written = first.store().write("keys/node", new byte[] {1, 2, 3});
        assertThat(written).isNotDone();
        world.runFor(1);
        assertThat(written).isCompleted();
        SimRuntime second = host.restart();
        assertThat(second.store().read("keys/node")).containsExactly(1, 2, 3);
        assertThat(second.store().read("other")).isNull();
        assertThat(second.store().list("keys/")).containsExactly("keys/node");
        assertThat(first.isAlive()).isFalse();
        assertThat(second.isAlive()).isTrue();
    }

    @Test
    void crash_unfinishedWrite_leavesTheOldContent() {
        SimRuntime first = host.start();
        CompletableFuture<Void> before = first.store().write("state", new byte[] {1});
        world.runFor(1);
        assertThat(before).isCompleted();
        CompletableFuture<Void> write = first.store().write("state", new byte[] {2});
        CompletableFuture<Void> remove = first.store().remove("state");
        assertThat(host.restart().store().read("state")).containsExactly(1);
        world.runFor(1);
        assertThat(write).isNotDone();
        assertThat(remove).isNotDone();
    }

    @Test
    void write_nameOutsideTheRules_isRefused() {
        SimRuntime runtime = host.start();
        for (String name : List.of("", "/etc", "a/b/c", "A", "a b")) {
            assertThatThrownBy(() -> runtime.store().write(name, new byte[0]))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void keysAndRandom_lifeAndHost_areTheirOwn() {
        SimRuntime life1 = host.start();
        byte[] keys1 = keys(life1);
        long random1 = life1.random().nextLong();
        assertThat(keys(life1)).isNotEqualTo(keys1);
        SimRuntime life2 = host.restart();
        assertThat(keys(life2)).isNotEqualTo(keys1);
        assertThat(life2.random().nextLong()).isNotEqualTo(random1);
        SimRuntime other = peer.start();
        assertThat(keys(other)).isNotEqualTo(keys1);
        SimRuntime again = new SimWorld(world.seed()).network().addHost("x").start();
        assertThat(keys(again)).isEqualTo(keys1);
        assertThat(again.random().nextLong()).isEqualTo(random1);
    }

    private static byte[] keys(SimRuntime runtime) {
        byte[] bytes = new byte[45];
        runtime.keys().fill(bytes);
        return bytes;
    }

    @Test
    void blocking_work_runsAsAnEventOfItsOwn() {
        SimRuntime runtime = host.start();
        CompletableFuture<String> good = runtime.blocking().call(() -> "done");
        CompletableFuture<String> bad = runtime.blocking().call(() -> {
            throw new IOException("disk");
        });
        assertThat(good).isNotDone();
        world.runFor(1);
        assertThat(good).isCompletedWithValue("done");
        assertThat(bad).isCompletedExceptionally();
    }

    @Test
    void sleep_timersAndClock_standStillAndDatagramsAreLost() {
        Recorder sleeper = new Recorder(host.start());
        Recorder sender = new Recorder(peer.start());
        tickEverySecond(sleeper.runtime);
        sleeper.runtime.timers().schedule(5 * SECOND, () -> ticksNanos.add(-1L));
        world.runFor(SECOND + SECOND / 2);
        host.sleep(10 * SECOND);
        world.runFor(5 * SECOND);
        sender.send(host.address(), "lost");
        world.runFor(8 * SECOND);
        assertThat(ticksNanos).containsExactly(SECOND, 12 * SECOND, 13 * SECOND, 14 * SECOND);
        assertThat(sleeper.frames).isEmpty();
        assertThat(sleeper.runtime.clock().nanoTime()).isEqualTo(4 * SECOND + SECOND / 2);
        assertThat(sleeper.runtime.clock().epochMillis()).isEqualTo(SimWorld.START_EPOCH_MILLIS + 14_500);
        world.runFor(SECOND / 2);
        assertThat(ticksNanos).endsWith(-1L, 15 * SECOND);
    }

    @Test
    void sleep_equalDeadlines_keepTheirOrder() {
        SimRuntime runtime = host.start();
        List<String> log = new ArrayList<>();
        runtime.timers().schedule(10, () -> log.add("a"));
        runtime.timers().schedule(10, () -> log.add("b"));
        world.run(3);
        host.sleep(5);
        world.run(9);
        runtime.timers().schedule(6, () -> log.add("c"));
        world.run(20);
        assertThat(log).containsExactly("a", "b", "c");
    }

    @Test
    void pause_timersAndDatagrams_waitInOrder() {
        Recorder paused = new Recorder(host.start());
        Recorder sender = new Recorder(peer.start());
        tickEverySecond(paused.runtime);
        host.pause(5 * SECOND + SECOND / 2);
        sender.send(host.address(), "one");
        world.runFor(SECOND);
        sender.send(host.address(), "two");
        world.runFor(5 * SECOND + SECOND);
        assertThat(ticksNanos).containsExactly(5 * SECOND + SECOND / 2, 6 * SECOND + SECOND / 2);
        assertThat(paused.frames).containsExactly("one", "two");
        assertThat(paused.arrivalsNanos).containsOnly(5 * SECOND + SECOND / 2);
    }

    private void tickEverySecond(SimRuntime runtime) {
        runtime.timers().schedule(SECOND, () -> {
            ticksNanos.add(world.nanoTime());
            tickEverySecond(runtime);
        });
    }

    @Test
    void start_running_isRefused() {
        host.start();
        assertThatThrownBy(host::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void counters_sharedOrOwn_asChosen() {
        host.start().counters().counter("x").increment();
        assertThat(peer.start().counters().counter("x").value()).isZero();
        world.network().setSharedCounters(true);
        host.restart().counters().counter("x").increment();
        assertThat(peer.restart().counters().counter("x").value()).isEqualTo(1);
    }
}

package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** The environment of one life of a simulated node, from {@link SimHost#start} until {@link SimHost#crash}. */
public final class SimRuntime implements NodeRuntime {
    private static final long LIFE_STEP = 0x9E3779B97F4A7C15L;

    private final SimHost host;
    private final SimClock clock;
    private final SimTimers timers;
    private final RandomGenerator random;
    private final KeySource keys;
    private final SimTransport transport;
    private final Store store;
    private final Counters counters;
    private final Blocking blocking;
    private final List<SimQueue> queues = new ArrayList<>();
    private boolean isAlive = true;

    SimRuntime(SimHost host, int life) {
        long seed = host.world().seed();
        this.host = host;
        this.clock = new SimClock(host);
        this.timers = new SimTimers(this);
        this.random = new SplittableRandom(Hashes.mix64(seed + Hashes.mix64(host.id() + 1 + life * LIFE_STEP)));
        this.keys = new SimKeySource(host.region().keyDigest(), seed, host.id(), life);
        this.transport = new SimTransport(this);
        this.store = new SimStore(host.files(), timers, host::isDiskFull);
        Counters shared = host.region().nodeCounters();
        this.counters = shared != null ? shared : new Counters();
        this.blocking = new InlineBlocking(timers);
        for (int number = 1; number < host.queues(); number++) {
            queues.add(new SimQueue(this, number));
        }
    }

    /** The machine this node runs on. */
    public SimHost host() {
        return host;
    }

    /** False from the moment the node stopped: then nothing it does has any effect. */
    public boolean isAlive() {
        return isAlive;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Timers timers() {
        return timers;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public KeySource keys() {
        return keys;
    }

    @Override
    public SimTransport transport() {
        return transport;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Blocking blocking() {
        return blocking;
    }

    @Override
    public List<DataQueue> queues() {
        return List.copyOf(queues);
    }

    List<SimQueue> simQueues() {
        return queues;
    }

    /** See {@link SimEvent#touch(int)}. */
    int touch(int step) {
        return step == 1 ? (isAlive ? 1 : 0) : transport.touch();
    }

    void stop() {
        transport.closeAll();
        isAlive = false;
        timers.onStopped();
    }

    private record SimClock(SimHost host) implements Clock {
        @Override
        public long nanoTime() {
            return host.localNanos();
        }

        @Override
        public long epochMillis() {
            return host.world().epochMillis() + host.wallClockSkewMillis();
        }
    }

    private record InlineBlocking(Timers timers) implements Blocking {
        @Override
        public <T> CompletableFuture<T> call(Callable<T> work) {
            CompletableFuture<T> result = new CompletableFuture<>();
            timers.execute(() -> run(work, result));
            return result;
        }

        private static <T> void run(Callable<T> work, CompletableFuture<T> result) {
            T value;
            try {
                value = work.call();
            } catch (Exception e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                result.completeExceptionally(e);
                return;
            }
            result.complete(value);
        }
    }
}

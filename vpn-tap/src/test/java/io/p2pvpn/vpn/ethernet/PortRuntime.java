package io.p2pvpn.vpn.ethernet;

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
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** As much of a runtime as a port uses, under a clock that a test moves. */
final class PortRuntime implements NodeRuntime, Clock, Timers, Store {
    private record Due(long nanos, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return nanos != other.nanos ? Long.compare(nanos, other.nanos) : Long.compare(number, other.number);
        }
    }

    private final Counters counters = new Counters();
    private final TreeMap<Due, Runnable> tasks = new TreeMap<>();
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private long nanos;
    private long number;

    long count(String name) {
        return counters.counter(name).value();
    }

    /** Moves the clock, and runs what is due until then. */
    void runFor(double seconds) {
        long end = nanos + (long) (seconds * 1e9);
        while (!tasks.isEmpty() && tasks.firstKey().nanos() <= end) {
            var first = tasks.pollFirstEntry();
            nanos = Math.max(nanos, first.getKey().nanos());
            first.getValue().run();
        }
        nanos = end;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        Due due = new Due(nanos + delayNanos, number++);
        tasks.put(due, task);
        return () -> tasks.remove(due);
    }

    @Override
    public void execute(Runnable task) {
        schedule(0, task);
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public long epochMillis() {
        return 1_700_000_000_000L + nanos / 1_000_000;
    }

    @Override
    public byte @Nullable [] read(String name) {
        return files.get(name);
    }

    @Override
    public CompletableFuture<Void> write(String name, byte[] content) {
        files.put(name, content);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> remove(String name) {
        files.remove(name);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public List<String> list(String prefix) {
        return new ArrayList<>(files.keySet());
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
    public Store store() {
        return this;
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
    public Blocking blocking() {
        throw new UnsupportedOperationException();
    }
}

package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A node's world in virtual time, as far as port mapping sees it. */
final class VirtualRuntime implements NodeRuntime, Clock, Timers, Transport {
    private static final class Task implements Timers.Timer, Comparable<Task> {
        private final long nanos;
        private final long order;
        private final Runnable work;
        private boolean cancelled;

        Task(long nanos, long order, Runnable work) {
            this.nanos = nanos;
            this.order = order;
            this.work = work;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Task other) {
            return nanos != other.nanos ? Long.compare(nanos, other.nanos) : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private final Counters counters = new Counters();
    private final SplittableRandom random = new SplittableRandom(7);
    private final List<Endpoint> bound = new ArrayList<>();
    private List<Endpoint> interfaces = new ArrayList<>();
    private long nowNanos = 1_000_000_000_000L;
    private long order;

    VirtualRuntime(Endpoint... bound) {
        this.bound.addAll(List.of(bound));
    }

    /** Lets so many seconds go by. */
    void run(double seconds) {
        long end = nowNanos + (long) (seconds * 1e9);
        while (!tasks.isEmpty() && tasks.peek().nanos <= end) {
            Task task = tasks.remove();
            nowNanos = task.nanos;
            if (!task.cancelled) {
                task.work.run();
            }
        }
        nowNanos = end;
    }

    void setInterfaces(List<Endpoint> endpoints) {
        interfaces = endpoints;
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public long epochMillis() {
        return nowNanos / 1_000_000;
    }

    @Override
    public Timers.Timer schedule(long delayNanos, Runnable task) {
        Task waiting = new Task(nowNanos + delayNanos, order++, task);
        tasks.add(waiting);
        return waiting;
    }

    @Override
    public void execute(Runnable task) {
        schedule(0, task);
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
    public RandomGenerator random() {
        return random;
    }

    @Override
    public KeySource keys() {
        return random::nextBytes;
    }

    @Override
    public Transport transport() {
        return this;
    }

    @Override
    public Store store() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Blocking blocking() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setReceiver(Receiver receiver) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void close(Endpoint remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Endpoint> boundEndpoints() {
        return List.copyOf(bound);
    }

    @Override
    public List<Endpoint> interfaceEndpoints(List<String> excludedDevices) {
        return interfaces;
    }
}

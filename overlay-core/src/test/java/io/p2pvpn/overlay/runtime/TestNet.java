package io.p2pvpn.overlay.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A handful of nodes on a faultless network of 1 ms, under a clock that a test moves. */
public final class TestNet {
    private static final long DELAY_NANOS = 1_000_000L;
    private static final long START_MILLIS = 1_767_225_600_000L;

    private record Event(long atNanos, long sequence, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int order = Long.compare(atNanos, other.atNanos);
            return order != 0 ? order : Long.compare(sequence, other.sequence);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<Endpoint, Node> nodes = new HashMap<>();
    private final Set<Set<Endpoint>> blocked = new HashSet<>();
    private final SplittableRandom random;
    private long nowNanos;
    private long sequence;

    /** An empty network. */
    public TestNet(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A node at 11.0.0.{@code last}:4001. */
    public Node add(int last) {
        Endpoint address =
                Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, new byte[] {11, 0, 0, (byte) last}, 4001));
        Node node = new Node(address);
        nodes.put(address, node);
        return node;
    }

    /** Nothing gets from one to the other any more, either way. */
    public void block(Node one, Node other) {
        blocked.add(Set.of(one.address, other.address));
    }

    /** Takes {@link #block} back. */
    public void unblock(Node one, Node other) {
        blocked.remove(Set.of(one.address, other.address));
    }

    /** Runs {@code task} when a frame that leaves now would arrive. */
    public void deliverLater(Runnable task) {
        at(nowNanos + DELAY_NANOS, task);
    }

    /** Lets everything happen that is due within {@code durationNanos}. */
    public void runFor(long durationNanos) {
        long until = nowNanos + durationNanos;
        while (!events.isEmpty() && events.element().atNanos <= until) {
            Event event = events.remove();
            nowNanos = event.atNanos;
            event.task.run();
        }
        nowNanos = until;
    }

    private void at(long nanos, Runnable task) {
        events.add(new Event(nanos, sequence++, task));
    }

    /** One node's environment. */
    public final class Node implements NodeRuntime, Clock, Timers, Transport, KeySource {
        private final Endpoint address;
        private final SplittableRandom own = random.split();
        private final Counters counters = new Counters();
        private final List<byte[]> sent = new ArrayList<>();
        private @Nullable Receiver receiver;
        private boolean discarding;

        private Node(Endpoint address) {
            this.address = address;
        }

        /** Where it is reached. */
        public Endpoint address() {
            return address;
        }

        /** All frames that it has sent. */
        public List<byte[]> sent() {
            return sent;
        }

        /** With true, what it sends is lost without a trace, and without garbage. */
        public void setDiscarding(boolean newDiscarding) {
            discarding = newDiscarding;
        }

        /** Hands a frame over at once. */
        public void deliver(Endpoint from, byte[] frame, int trafficClass) {
            if (receiver != null) {
                // Whoever receives may write to it.
                receiver.onFrames(from, frame.clone(), 0, frame.length, Math.max(1, frame.length), trafficClass);
                receiver.onBatchEnd();
            }
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
            return own;
        }

        @Override
        public KeySource keys() {
            return this;
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
            return new Blocking() {
                @Override
                public <T> CompletableFuture<T> call(Callable<T> work) {
                    throw new UnsupportedOperationException();
                }
            };
        }

        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public long epochMillis() {
            return START_MILLIS + nowNanos / 1_000_000L;
        }

        @Override
        public Timer schedule(long delayNanos, Runnable task) {
            boolean[] cancelled = {false};
            at(nowNanos + delayNanos, () -> {
                if (!cancelled[0]) {
                    task.run();
                }
            });
            return () -> cancelled[0] = true;
        }

        @Override
        public void execute(Runnable task) {
            at(nowNanos, task);
        }

        @Override
        public void fill(byte[] bytes) {
            own.nextBytes(bytes);
        }

        @Override
        public void setReceiver(Receiver newReceiver) {
            receiver = newReceiver;
        }

        @Override
        public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            for (int at = offset; at < offset + length && !discarding; at += segmentBytes) {
                byte[] frame = Arrays.copyOfRange(buffer, at, Math.min(at + segmentBytes, offset + length));
                sent.add(frame);
                Node target = nodes.get(to);
                if (target != null && !blocked.contains(Set.of(address, to))) {
                    TestNet.this.at(nowNanos + DELAY_NANOS, () -> target.deliver(address, frame, trafficClass));
                }
            }
            return true;
        }

        @Override
        public void flush() {
            // Nothing waits.
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void close(Endpoint remote) {
            // There are no streams.
        }

        @Override
        public List<Endpoint> boundEndpoints() {
            return List.of(address);
        }

        @Override
        public List<Endpoint> interfaceEndpoints(List<String> excludedDevices) {
            return List.of(address);
        }
    }
}

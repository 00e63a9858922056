package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A ring of in-memory nodes under virtual time, with an oracle that knows who is nearest to a position. */
final class FakeWorld {
    static final byte[] RING_ID = "ring under test".getBytes(StandardCharsets.US_ASCII);
    static final long EPOCH_MILLIS = 1_800_000_000_000L;

    private record Event(long atNanos, long serial, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(serial, other.serial);
        }
    }

    final RandomGenerator random;
    final List<FakeNode> nodes = new ArrayList<>();
    long delayMillisMin = 5;
    long delayMillisMax = 50;
    double dropRate;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNanos = 1_000_000_000L;
    private long serial;

    FakeWorld(long seed) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** A world of joined nodes that have settled. */
    static FakeWorld of(int size, long seed) {
        FakeWorld world = new FakeWorld(seed);
        for (int i = 0; i < size; i++) {
            world.add();
        }
        world.nodes.forEach(FakeNode::join);
        world.runMillis(20_000);
        return world;
    }

    static Identity identity(RandomGenerator random) {
        return Identity.generate(random::nextBytes);
    }

    FakeNode add() {
        FakeNode node = new FakeNode(this, identity(random), StoreLimits.DEFAULT);
        nodes.add(node);
        return node;
    }

    FakeNode node(int index) {
        return nodes.get(index);
    }

    long nowNanos() {
        return nowNanos;
    }

    void schedule(long delayNanos, Runnable task) {
        events.add(new Event(nowNanos + delayNanos, serial++, task));
    }

    void runMillis(long millis) {
        long endNanos = nowNanos + millis * 1_000_000;
        while (!events.isEmpty() && events.peek().atNanos <= endNanos) {
            step();
        }
        nowNanos = endNanos;
    }

    private void step() {
        Event event = events.remove();
        nowNanos = event.atNanos;
        event.task.run();
    }

    /** Runs until the future is done; its value, or CompletionException. */
    <T> T await(CompletableFuture<T> future) {
        long endNanos = nowNanos + 60_000_000_000L;
        while (!future.isDone() && nowNanos < endNanos) {
            step();
        }
        if (!future.isDone()) {
            throw new AssertionError("not done within a minute");
        }
        return future.join();
    }

    long drawDelayNanos() {
        return random.nextLong(delayMillisMin * 1_000_000, delayMillisMax * 1_000_000 + 1);
    }

    boolean drawDrop() {
        return random.nextDouble() < dropRate;
    }

    /** The members that {@code from} can reach, itself included, sorted by position. */
    List<FakeNode> members(FakeNode from) {
        List<FakeNode> members = new ArrayList<>();
        for (FakeNode node : nodes) {
            if (node.isUp() && node.isJoined() && node.side() == from.side()) {
                members.add(node);
            }
        }
        members.sort((a, b) -> a.self().compareTo(b.self()));
        return members;
    }

    FakeNode nearest(FakeNode from, OverlayId position) {
        FakeNode best = from;
        for (FakeNode node : members(from)) {
            OverlayId distance = node.self().ringDistanceTo(position);
            if (distance.compareTo(best.self().ringDistanceTo(position)) < 0 || !best.isJoined()) {
                best = node;
            }
        }
        return best;
    }

    /** Tells every node whose neighbours changed. */
    void announce() {
        nodes.forEach(FakeNode::noticeNeighbours);
    }
}

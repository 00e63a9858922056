package io.p2pvpn.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A world under virtual time: whatever happens in it is an event, and events happen one by one in the order of (time,
 * sequence number). The same seed and the same calls make the same history, on every JDK.
 *
 * <p>Confined to the thread that runs it.
 */
public final class SimWorld {
    /** Wall-clock time at the start of every world: 2026-01-01T00:00:00Z, in milliseconds since 1970. */
    public static final long START_EPOCH_MILLIS = 1_767_225_600_000L;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** {@link #eventHost} of an event that may have changed any host. */
    public static final int ANY_HOST = -1;

    /** Below this many dead events a sweep is not worth its while. */
    private static final int SWEEP_EVENTS_MIN = 1024;

    private final long seed;
    private final EventHeap heap = new EventHeap();
    private final History history = new History();
    private final List<Runnable> checks = new ArrayList<>();
    private final SimNetwork network;
    private long nowNanos;
    private long nextSequence;
    private int deadEvents;
    private int eventHost = ANY_HOST;

    /** An empty world; every draw in it comes from {@code seed}. */
    public SimWorld(long seed) {
        this.seed = seed;
        this.network = new SimNetwork(this);
    }

    /** The seed this world was made from. */
    public long seed() {
        return seed;
    }

    /** The hosts and the ways between them. */
    public SimNetwork network() {
        return network;
    }

    /** Virtual nanoseconds since the world began. */
    public long nanoTime() {
        return nowNanos;
    }

    /** Wall-clock milliseconds since 1970-01-01 UTC, as a host without skew sees them. */
    public long epochMillis() {
        return START_EPOCH_MILLIS + nowNanos / NANOS_PER_MILLI;
    }

    /** Lets the next event happen; false if there is none. */
    public boolean step() {
        return stepWithin(Long.MAX_VALUE);
    }

    /** Lets everything happen that is due until {@code untilNanos}, included; then it is that time. */
    public void run(long untilNanos) {
        boolean isMore = true;
        while (isMore) {
            isMore = stepWithin(untilNanos);
        }
        nowNanos = Math.max(nowNanos, untilNanos);
    }

    /** Runs for {@code durationNanos} from now. */
    public void runFor(long durationNanos) {
        run(saturatedAdd(nowNanos, durationNanos));
    }

    /**
     * Runs until {@code condition} holds, at most {@code limitNanos} from now. The condition is asked before the first
     * event and after each one.
     *
     * @return whether it held
     */
    public boolean runUntil(BooleanSupplier condition, long limitNanos) {
        long untilNanos = saturatedAdd(nowNanos, limitNanos);
        while (!condition.getAsBoolean()) {
            if (!stepWithin(untilNanos)) {
                nowNanos = untilNanos;
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    /** Like {@link #runUntil(BooleanSupplier, long)} for a costly condition: asked every {@code everyNanos} only. */
    public boolean runUntil(BooleanSupplier condition, long limitNanos, long everyNanos) {
        if (everyNanos <= 0) {
            throw new IllegalArgumentException("everyNanos must be positive");
        }
        long untilNanos = saturatedAdd(nowNanos, limitNanos);
        while (!condition.getAsBoolean()) {
            if (nowNanos >= untilNanos) {
                return false;
            }
            run(Math.min(untilNanos, saturatedAdd(nowNanos, everyNanos)));
        }
        return true;
    }

    /** Lets {@code action} happen {@code delayNanos} from now: a step of the scenario, outside any node. */
    public void after(long delayNanos, Runnable action) {
        schedule(saturatedAdd(nowNanos, checkedDelay(delayNanos)), (world, sequence) -> {
            record(History.ACTION, 0, 0);
            action.run();
        });
    }

    /** A step between two members that the scenario itself takes, without hosts: part of the history all the same. */
    public void step(int from, int to) {
        record(History.ACTION, from, to);
    }

    /** Runs {@code check} after every event from now on: an invariant, which throws when it is violated. */
    public void afterEachEvent(Runnable check) {
        checks.add(check);
    }

    /** The id of the one host on which the last event happened, or {@link #ANY_HOST}: what a check has to look at. */
    public int eventHost() {
        return eventHost;
    }

    /**
     * From now on the digest tells when, between whom and how long messages are, and not what is in them: the same for
     * two worlds that differ in their crypto only.
     */
    public void setShapeOnly(boolean shapeOnly) {
        history.setShapeOnly(shapeOnly);
    }

    /** SHA-256 over everything that happened so far, in hexadecimal. Reading it changes nothing. */
    public String digest() {
        return history.digest();
    }

    /** Number of events so far. */
    public long events() {
        return history.events();
    }

    /** Number of events still to come, dead ones included. */
    public int pendingEvents() {
        return heap.size();
    }

    @Override
    public String toString() {
        return "world of seed " + seed + " at " + nowNanos / NANOS_PER_SECOND + "."
                + Long.toString(NANOS_PER_SECOND + nowNanos % NANOS_PER_SECOND).substring(1) + " s, " + events()
                + " events, " + network.hosts().size() + " hosts";
    }

    /** Queues an event behind those that are due at the same time. */
    void schedule(long nanos, SimEvent event) {
        heap.add(nanos, nextSequence++, event);
    }

    /** Queues an event again, that was queued under {@code sequence} before. */
    void putOff(long nanos, long sequence, SimEvent event) {
        heap.add(nanos, sequence, event);
    }

    /** The next event if it is due at this very instant, else null. */
    @Nullable
    SimEvent peekNow() {
        return heap.size() > 0 && heap.firstNanos() == nowNanos ? heap.first() : null;
    }

    /** Takes out the event that {@link #peekNow} showed. */
    void takeFirst() {
        heap.poll();
    }

    /** Some queued events have become dead; when most are, the queue is swept. */
    void noteDead(int events) {
        deadEvents += events;
        if (deadEvents > SWEEP_EVENTS_MIN && deadEvents > heap.size() / 2) {
            deadEvents -= heap.removeDead();
        }
    }

    void record(int kind, int from, int to) {
        noteHost(kind, to);
        history.record(nowNanos, kind, from, to);
    }

    void record(int kind, int from, int to, byte[] bytes) {
        noteHost(kind, to);
        history.record(nowNanos, kind, from, to, bytes);
    }

    private void noteHost(int kind, int to) {
        boolean isOfOneHost = kind == History.TASK || kind == History.DELIVERED || kind == History.STREAM_FRAME;
        if (isOfOneHost) {
            eventHost = to;
        } else if (kind != History.LOST) {
            eventHost = ANY_HOST;
        }
    }

    /** Lets the next event happen that leaves a trace in the history, if it is due in time. */
    private boolean stepWithin(long untilNanos) {
        while (heap.size() > 0 && heap.firstNanos() <= untilNanos) {
            long nanos = heap.firstNanos();
            long sequence = heap.firstSequence();
            SimEvent event = heap.poll();
            if (event == null || !event.isLive()) {
                deadEvents--;
                continue;
            }
            nowNanos = nanos;
            long eventsBefore = history.events();
            fire(event, sequence);
            if (history.events() != eventsBefore) {
                return true;
            }
        }
        return false;
    }

    private void fire(SimEvent event, long sequence) {
        try {
            event.fire(this, sequence);
            for (int i = 0; i < checks.size(); i++) {
                checks.get(i).run();
            }
        } catch (RuntimeException | Error failure) {
            failure.addSuppressed(new SimContext(toString()));
            throw failure;
        }
    }

    static long saturatedAdd(long nanos, long delayNanos) {
        long sum = nanos + delayNanos;
        return sum < nanos ? Long.MAX_VALUE : sum;
    }

    static long checkedDelay(long delayNanos) {
        if (delayNanos < 0) {
            throw new IllegalArgumentException("negative delay: " + delayNanos);
        }
        return delayNanos;
    }
}

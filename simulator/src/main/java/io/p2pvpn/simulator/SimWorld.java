package io.p2pvpn.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A world under virtual time: whatever happens in it is an event, and events happen one by one in the order of (time,
 * sequence number). The same seed and the same calls make the same history, on every JDK.
 *
 * <p>A large world may be divided into regions ({@link #divide}), which run on several threads. What happens in one
 * cannot be felt in another before the lookahead has passed, so all may run that far beside each other; then they
 * exchange what they sent (conservative synchronization: Chandy and Misra, TSE 5(5), 1979; in windows: Nicol, JACM
 * 40(2), 1993). The same seed, calls and regions make the same history, however the threads are scheduled and however
 * many there are. Actions of the scenario happen while all regions stand still.
 *
 * <p>Confined to the thread that runs it, but for the events of regions.
 */
public final class SimWorld {
    /** Wall-clock time at the start of every world: 2026-01-01T00:00:00Z, in milliseconds since 1970. */
    public static final long START_EPOCH_MILLIS = 1_767_225_600_000L;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** {@link #eventHost} of an event that may have changed any host. */
    public static final int ANY_HOST = -1;

    private final long seed;
    private final List<Runnable> checks = new ArrayList<>();
    private final SimNetwork network;
    /** Everything, or in a divided world what is of no region. */
    private final Region own;

    private @Nullable RegionCrew crew;

    /** An empty world; every draw in it comes from {@code seed}. */
    public SimWorld(long seed) {
        this.seed = seed;
        this.own = new Region(this, Hashes.mix64(seed));
        this.network = new SimNetwork(this);
    }

    /**
     * Divides a world that has no hosts yet. It can have no NAT boxes and no hosts that roam then, and is run until
     * some time, not step by step; checks and conditions are asked between its windows instead of after each event.
     */
    public void divide(RegionPlan plan) {
        if (crew != null || !network.hosts().isEmpty()) {
            throw new IllegalStateException("it is too late to divide this world");
        }
        crew = new RegionCrew(this, own, plan);
    }

    /** Whether there are regions. */
    public boolean isDivided() {
        return crew != null;
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
        return current().nowNanos();
    }

    /** Wall-clock milliseconds since 1970-01-01 UTC, as a host without skew sees them. */
    public long epochMillis() {
        return START_EPOCH_MILLIS + nanoTime() / NANOS_PER_MILLI;
    }

    /** Lets the next event happen, or in a divided world the next window; false if there is none. */
    public boolean step() {
        try {
            return stepWithin(Long.MAX_VALUE);
        } finally {
            rest();
        }
    }

    /** Lets everything happen that is due until {@code untilNanos}, included; then it is that time. */
    public void run(long untilNanos) {
        try {
            boolean isMore = true;
            while (isMore) {
                isMore = stepWithin(untilNanos);
            }
        } finally {
            rest();
        }
        advance(untilNanos);
    }

    /** Runs for {@code durationNanos} from now. */
    public void runFor(long durationNanos) {
        run(saturatedAdd(nanoTime(), durationNanos));
    }

    /**
     * Runs until {@code condition} holds, at most {@code limitNanos} from now. The condition is asked before the first
     * event and after each one.
     *
     * @return whether it held
     */
    public boolean runUntil(BooleanSupplier condition, long limitNanos) {
        long untilNanos = saturatedAdd(nanoTime(), limitNanos);
        try {
            while (!condition.getAsBoolean()) {
                if (!stepWithin(untilNanos)) {
                    advance(untilNanos);
                    return condition.getAsBoolean();
                }
            }
            return true;
        } finally {
            rest();
        }
    }

    /** Like {@link #runUntil(BooleanSupplier, long)} for a costly condition: asked every {@code everyNanos} only. */
    public boolean runUntil(BooleanSupplier condition, long limitNanos, long everyNanos) {
        if (everyNanos <= 0) {
            throw new IllegalArgumentException("everyNanos must be positive");
        }
        long untilNanos = saturatedAdd(nanoTime(), limitNanos);
        while (!condition.getAsBoolean()) {
            if (nanoTime() >= untilNanos) {
                return false;
            }
            run(Math.min(untilNanos, saturatedAdd(nanoTime(), everyNanos)));
        }
        return true;
    }

    /** Lets {@code action} happen {@code delayNanos} from now: a step of the scenario, outside any node. */
    public void after(long delayNanos, Runnable action) {
        schedule(null, saturatedAdd(nanoTime(), checkedDelay(delayNanos)), new Action(action));
    }

    /**
     * Tells the scenario something that a node has just found out: at once, or in a divided world when the regions
     * stand still next; {@link #nanoTime} is later then than it is now.
     */
    public void report(Runnable action) {
        Region current = current();
        if (current == own) {
            action.run();
        } else {
            current.addReport(action);
        }
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
        return crew == null ? own.eventHost() : ANY_HOST;
    }

    /**
     * From now on the digest tells when, between whom and how long messages are, and not what is in them: the same for
     * two worlds that differ in their crypto only.
     */
    public void setShapeOnly(boolean shapeOnly) {
        regions().forEach(region -> region.history().setShapeOnly(shapeOnly));
    }

    /** SHA-256 over everything that happened so far, in hexadecimal. Reading it changes nothing. */
    public String digest() {
        return crew == null ? own.history().digest() : crew.digest();
    }

    /** Number of events so far. */
    public long events() {
        return regions().stream().mapToLong(region -> region.history().events()).sum();
    }

    /** Number of events still to come, dead ones included. */
    public int pendingEvents() {
        return regions().stream().mapToInt(Region::pendingEvents).sum();
    }

    @Override
    public String toString() {
        long nowNanos = own.nowNanos();
        return "world of seed " + seed + " at " + nowNanos / NANOS_PER_SECOND + "."
                + Long.toString(NANOS_PER_SECOND + nowNanos % NANOS_PER_SECOND).substring(1) + " s, " + events()
                + " events, " + network.hosts().size() + " hosts";
    }

    /** A step of the scenario. */
    private static final class Action extends SimEvent {
        private final Runnable action;

        Action(Runnable action) {
            this.action = action;
        }

        @Override
        void fire(SimWorld world, long sequence) {
            world.record(History.ACTION, 0, 0);
            action.run();
        }
    }

    /** What is of no region, and then all regions. */
    List<Region> regions() {
        return crew == null ? List.of(own) : crew.all();
    }

    /** The region of the host with this number. */
    Region regionOf(int host) {
        return crew == null ? own : crew.regionOf(host);
    }

    /** What the calling thread runs at the moment. */
    Region current() {
        return crew == null ? own : crew.current();
    }

    /**
     * Queues an event behind those that are due at the same time.
     *
     * @param host whose it is; null if it may touch several hosts: then it happens while all regions stand still, and
     *     may have to wait for that
     */
    void schedule(@Nullable SimHost host, long nanos, SimEvent event) {
        Region target = host == null ? own : host.region();
        if (crew == null) {
            target.schedule(nanos, event);
        } else {
            crew.schedule(target, nanos, event);
        }
    }

    /** Queues the event again that happens now, and was queued under {@code sequence} before. */
    void putOff(long nanos, long sequence, SimEvent event) {
        current().putOff(nanos, sequence, event);
    }

    void record(int kind, int from, int to) {
        current().record(kind, from, to);
    }

    void record(int kind, int from, int to, byte[] bytes) {
        current().record(kind, from, to, bytes);
    }

    private boolean stepWithin(long untilNanos) {
        if (crew == null) {
            return own.stepWithin(untilNanos);
        }
        boolean isMore;
        try {
            isMore = crew.runWindow(untilNanos);
        } catch (RuntimeException | Error failure) {
            failure.addSuppressed(new SimContext(toString()));
            throw failure;
        }
        checks.forEach(Runnable::run);
        return isMore;
    }

    /** The world stands still until it is run again. */
    private void rest() {
        if (crew != null) {
            crew.rest();
        }
    }

    private void advance(long nanos) {
        regions().forEach(region -> region.advance(nanos));
    }

    /** Lets an event happen, and in a world that is not divided looks at it. */
    void fire(SimEvent event, long sequence) {
        if (crew != null) {
            event.fire(this, sequence);
            return;
        }
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

package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Counters;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hosts of a world whose events happen one by one, in the order of (time, sequence number): all of them, or those of
 * one part of the network. Different regions may run on different threads until they have to exchange what they posted
 * to each other; {@link SimWorld} sees to that. Confined to the thread that runs it.
 */
final class Region {
    /** Below this many dead events a sweep is not worth its while. */
    private static final int SWEEP_EVENTS_MIN = 1024;

    /** An event for another region. */
    private record Posted(Region target, long nanos, SimEvent event) {}

    /** What the scenario is to be told of, and when that came up. */
    record Report(long nanos, Runnable action) {}

    private final SimWorld world;
    private final EventQueue queue = new EventQueue();
    private final History history = new History();
    private final Dice dice;
    private final MessageDigest keyDigest = Hashes.newSha256();
    private final ReceiveBuffer receiveBuffer = new ReceiveBuffer();
    private final NetworkCounters counters = new NetworkCounters();
    private final List<Posted> posted = new ArrayList<>();
    private final List<Report> reports = new ArrayList<>();
    private @Nullable Counters nodeCounters;
    private long nowNanos;
    private long nextSequence;
    private int deadEvents;
    private int eventHost = SimWorld.ANY_HOST;

    /** Without events; {@code diceSeed} is what its draws come from. */
    Region(SimWorld world, long diceSeed) {
        this.world = world;
        this.dice = new Dice(diceSeed);
    }

    History history() {
        return history;
    }

    Dice dice() {
        return dice;
    }

    /** For keys, which are a pure function: only the work space is this region's own. */
    MessageDigest keyDigest() {
        return keyDigest;
    }

    ReceiveBuffer receiveBuffer() {
        return receiveBuffer;
    }

    /** What became of the datagrams that were sent and received here. */
    NetworkCounters counters() {
        return counters;
    }

    /** What nodes started here from now on count in together; null for counters of their own. */
    void setNodeCounters(@Nullable Counters shared) {
        nodeCounters = shared;
    }

    @Nullable
    Counters nodeCounters() {
        return nodeCounters;
    }

    long nowNanos() {
        return nowNanos;
    }

    /** Nothing happens meanwhile. */
    void advance(long nanos) {
        nowNanos = Math.max(nowNanos, nanos);
    }

    int eventHost() {
        return eventHost;
    }

    int pendingEvents() {
        return queue.size();
    }

    /** When the next event is due; {@link Long#MAX_VALUE} if there is none. */
    long firstNanos() {
        return queue.size() == 0 ? Long.MAX_VALUE : queue.firstNanos();
    }

    /** Queues an event behind those that are due at the same time. */
    void schedule(long nanos, SimEvent event) {
        queue.add(nanos, nextSequence++, event);
    }

    /** Queues an event again, that was queued here under {@code sequence} before. */
    void putOff(long nanos, long sequence, SimEvent event) {
        queue.add(nanos, sequence, event);
    }

    /** Keeps an event for another region until {@link #exchange}. */
    void post(Region target, long nanos, SimEvent event) {
        posted.add(new Posted(target, nanos, event));
    }

    /** Keeps what the scenario is to be told of until {@link #takeReports}. */
    void addReport(Runnable action) {
        reports.add(new Report(nowNanos, action));
    }

    /** Hands what was posted to those it is for. */
    void exchange() {
        for (Posted each : posted) {
            each.target.schedule(each.nanos, each.event);
        }
        posted.clear();
    }

    /** Moves what came up here to the end of {@code all}. */
    void takeReports(List<Report> all) {
        all.addAll(reports);
        reports.clear();
    }

    /** The next event if it is due at this very instant, else null. */
    @Nullable
    SimEvent peekNow() {
        return queue.size() > 0 && queue.firstNanos() == nowNanos ? queue.first() : null;
    }

    /** Takes out the event that {@link #peekNow} showed. */
    void takeFirst() {
        queue.poll();
    }

    /** Some queued events have become dead; when most are, the queue is swept. */
    void noteDead(int events) {
        deadEvents += events;
        if (deadEvents > SWEEP_EVENTS_MIN && deadEvents > queue.size() / 2) {
            deadEvents -= queue.removeDead();
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
            eventHost = SimWorld.ANY_HOST;
        }
    }

    /** Lets the next event happen that leaves a trace in the history, if it is due until then, included. */
    boolean stepWithin(long untilNanos) {
        while (queue.size() > 0 && queue.firstNanos() <= untilNanos) {
            long nanos = queue.firstNanos();
            long sequence = queue.firstSequence();
            SimEvent event = queue.poll();
            if (event == null || !event.isLive()) {
                deadEvents--;
                continue;
            }
            nowNanos = nanos;
            long eventsBefore = history.events();
            world.fire(event, sequence);
            if (history.events() != eventsBefore) {
                return true;
            }
        }
        return false;
    }

    /** Lets everything happen that is due until then, included. */
    void run(long untilNanos) {
        boolean isMore = true;
        while (isMore) {
            isMore = stepWithin(untilNanos);
        }
    }
}

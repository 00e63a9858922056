package io.p2pvpn.overlay.session;

import io.netty.util.collection.IntObjectHashMap;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.FramePort;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The agent of one data-plane queue: opens the frames of its lanes, delivers packets that nothing is to be decided
 * about, and hands everything else to the loop. What it did it reports now and then.
 *
 * <p>Confined to its queue, except {@link #tell} and what the loop's side, {@link SessionQueues}, calls.
 */
public final class SessionQueue implements Transport.Receiver {
    private static final int DATAGRAM_BYTES_MAX = 65_536;
    /** Soon enough to see a dead path in time, and too seldom to cost anything. */
    private static final long REPORT_NANOS = 20_000_000L;
    /** Counters travel with every so manieth report. */
    private static final int COUNTERS_EVERY = 5;
    /** Entries taken from the loop in one turn. */
    private static final int TAKEN_PER_TURN_MAX = 128;

    /** Hears what happens on the queue. */
    public interface Hearer {
        /** Everything that was waiting has been handed over. */
        void onBatchEnd();

        /** The port, or the loop, takes more again. */
        void onWritable();
    }

    private final DataQueue queue;
    private final SessionQueues loop;
    private final int number;
    private final int count;
    private final Clock clock;
    private final FramePort port;
    private final IntObjectHashMap<EpochShare> byIndex = new IntObjectHashMap<>();
    private final List<Hearer> hearers = new ArrayList<>();
    private final byte[] opened = new byte[DATAGRAM_BYTES_MAX];
    private final Counters.Counter framesReceived;
    private final Counters.Counter dropFull;

    private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean workScheduled = new AtomicBoolean();
    /** Frames of this queue's lanes that the loop received. */
    private final HandOver fromLoop = new HandOver();

    private final HandOver.Taker ofLoop = this::onFrameOfLoop;

    private final HandOver toLoop = new HandOver();
    private final AtomicBoolean waitsForLoop = new AtomicBoolean();
    private final AtomicBoolean reporting = new AtomicBoolean();

    private final List<SessionLane> dirty = new ArrayList<>();
    private final Map<String, Long> reported = new TreeMap<>();
    private Timers.@Nullable Timer reportTimer;
    private boolean reportSoon;
    private boolean busy;
    private int reports;
    private long nowNanos;

    SessionQueue(DataQueue queue, int count, Clock clock, SessionQueues loop) {
        this.queue = queue;
        this.loop = loop;
        this.number = queue.number();
        this.count = count;
        this.clock = clock;
        this.port = queue.port();
        this.framesReceived = queue.counters().counter("session.received.frames");
        this.dropFull = queue.counters().counter("session.drop.handover");
    }

    /** Its number, from 1. */
    public int number() {
        return number;
    }

    /** Where its frames leave. */
    public FramePort port() {
        return port;
    }

    /** What is counted here; the loop adds it to the node's counters. */
    public Counters counters() {
        return queue.counters();
    }

    /** The time of the batch at hand. */
    long nowNanos() {
        return nowNanos;
    }

    // --------------------------------------------------------------- from the loop

    /** Has the queue do something, after everything that it was told before. Any thread may call this. */
    public void tell(Runnable task) {
        inbox.add(task);
        scheduleWork();
    }

    /** A frame of one of this queue's lanes that came elsewhere; false if there is no room. On the loop. */
    boolean handIn(
            @Nullable Endpoint from, @Nullable FrameRoute route, byte[] in, int offset, int length, int trafficClass) {
        if (!fromLoop.add(null, from, route, null, trafficClass, in, offset, length)) {
            return false;
        }
        scheduleWork();
        return true;
    }

    private void scheduleWork() {
        if (workScheduled.compareAndSet(false, true)) {
            queue.timers().execute(this::doWork);
        }
    }

    private void doWork() {
        workScheduled.set(false);
        readInbox();
        nowNanos = clock.nanoTime();
        int takenFrames = 0;
        while (takenFrames < TAKEN_PER_TURN_MAX && fromLoop.take(ofLoop)) {
            takenFrames++;
        }
        if (takenFrames == TAKEN_PER_TURN_MAX) {
            scheduleWork();
        }
        if (takenFrames > 0) {
            onBatchEnd();
        }
    }

    private void readInbox() {
        for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
            task.run();
        }
    }

    void start() {
        port.setReceiver(this);
    }

    void addKeys(EpochShare share, @Nullable SessionLane lane) {
        share.attach(lane);
        byIndex.put(share.epoch().terms().localIndex(), share);
    }

    void removeKeys(int index) {
        byIndex.remove(index);
    }

    /** Tells {@code hearer} from now on. */
    public void add(Hearer hearer) {
        hearers.add(hearer);
    }

    /** Tells it no more. */
    public void remove(Hearer hearer) {
        hearers.remove(hearer);
    }

    // ---------------------------------------------------------------- to the loop

    /** True if the loop takes a packet of any size now; if not, {@link Hearer#onWritable} follows. */
    public boolean hasRoom() {
        if (toLoop.hasRoom(DATAGRAM_BYTES_MAX)) {
            return true;
        }
        waitsForLoop.set(true);
        loop.scheduleDrain();
        return false;
    }

    /** Hands a packet to the loop, as {@code source} knows to do with it. */
    public void handOver(QueuePackets source, byte[] buffer, int offset, int length) {
        handOver(source, null, null, null, 0, buffer, offset, length);
    }

    private void handOver(
            @Nullable QueuePackets source,
            @Nullable Endpoint from,
            @Nullable FrameRoute route,
            @Nullable Epoch opener,
            int note,
            byte[] buffer,
            int offset,
            int length) {
        if (toLoop.add(source, from, route, opener, note, buffer, offset, length)) {
            loop.scheduleDrain();
        } else {
            dropFull.increment();
        }
    }

    /** Takes one thing that was handed over; false if there is none. On the loop. */
    boolean takeForLoop(HandOver.Taker taker) {
        return toLoop.take(taker);
    }

    /** There is room again, or a report has been read. On the loop. */
    void onDrained() {
        if (waitsForLoop.get() && waitsForLoop.compareAndSet(true, false)) {
            tell(this::onWritable);
        }
    }

    void onReportRead() {
        reporting.set(false);
    }

    // ------------------------------------------------------------------ receiving

    @Override
    public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        nowNanos = clock.nanoTime();
        int step = segmentBytes <= 0 ? length : segmentBytes;
        int end = offset + length;
        for (int at = offset; at < end; at += step) {
            int frame = Math.min(step, end - at);
            if (isOurs(buffer, at, frame)) {
                onData(from, null, buffer, at, frame, trafficClass);
            } else {
                handOver(null, from, null, null, trafficClass, buffer, at, frame);
            }
        }
    }

    private boolean isOurs(byte[] in, int offset, int length) {
        return Frame.type(in, offset, length) == Frame.TYPE_DATA && Frame.queueOf(in, offset, length, count) == number;
    }

    private void onFrameOfLoop(
            @Nullable QueuePackets source,
            @Nullable Endpoint from,
            @Nullable FrameRoute route,
            @Nullable Epoch opener,
            int note,
            byte[] in,
            int offset,
            int length) {
        onData(from, route, in, offset, length, note);
    }

    private void onData(
            @Nullable Endpoint from, @Nullable FrameRoute route, byte[] in, int offset, int length, int trafficClass) {
        int index = Frame.receiver(in, offset);
        EpochShare keys = byIndex.get(index);
        if (keys == null) {
            // The peer has keys no earlier than the loop has told us.
            readInbox();
            keys = byIndex.get(index);
        }
        if (keys == null) {
            drop("unknown-index");
            return;
        }
        EpochShare.Opened result = keys.open(in, offset, length, opened);
        if (result != EpochShare.Opened.OK) {
            drop(result == EpochShare.Opened.REPLAYED ? "replayed" : "forged");
            return;
        }
        framesReceived.increment();
        int plainBytes = length - Frame.OVERHEAD_BYTES;
        SessionLane lane = keys.lane();
        if (route == null && from != null && lane != null && plainBytes >= Frame.PREFIX_BYTES) {
            int kind = opened[0];
            boolean packet = kind == Frame.KIND_PACKET || kind == Frame.KIND_PACKET_PARTIAL_CHECKSUM;
            int bytes = plainBytes - Frame.PREFIX_BYTES;
            if (packet && lane.deliver(kind, opened[1] & 0xff, opened, Frame.PREFIX_BYTES, bytes, trafficClass)) {
                lane.onHeard(keys, from, length, nowNanos);
                return;
            }
        }
        int note = SessionQueues.note(length, trafficClass, keys.isNewestFrame());
        handOver(null, from, route, keys.epoch(), note, opened, 0, plainBytes);
    }

    private void drop(String reason) {
        queue.counters().counter("session.drop." + reason).increment();
    }

    @Override
    public void onBatchEnd() {
        for (int i = 0; i < hearers.size(); i++) {
            hearers.get(i).onBatchEnd();
        }
        port.flush();
        noteBusy();
        if (reportSoon && !reporting.get()) {
            report(false);
        }
    }

    @Override
    public void onWritable() {
        for (int i = 0; i < hearers.size(); i++) {
            hearers.get(i).onWritable();
        }
    }

    @Override
    public void onClosed(Endpoint remote) {
        throw new IllegalStateException("a queue has no streams");
    }

    // -------------------------------------------------------------------- reports

    /** The device is about to be read: what happens now happens at this time. */
    public void onTurn() {
        nowNanos = clock.nanoTime();
        noteBusy();
    }

    private void noteBusy() {
        busy = true;
        if (reportTimer == null) {
            reportTimer = queue.timers().schedule(REPORT_NANOS, this::onReportTime);
        }
    }

    void onDirty(SessionLane lane) {
        dirty.add(lane);
    }

    /** The loop should know at the end of this batch. */
    void reportSoon() {
        reportSoon = true;
    }

    private void onReportTime() {
        reportTimer = null;
        boolean goesOn = busy;
        if (reporting.get()) {
            goesOn = true;
        } else {
            busy = false;
            reports++;
            // The last report of a busy time brings the counters.
            report(!goesOn || reports % COUNTERS_EVERY == 0);
        }
        if (goesOn) {
            reportTimer = queue.timers().schedule(REPORT_NANOS, this::onReportTime);
        }
    }

    private void report(boolean withCounters) {
        reportSoon = false;
        reporting.set(true);
        List<LaneReport> lanes = new ArrayList<>(dirty.size());
        for (SessionLane lane : dirty) {
            lanes.add(lane.report());
        }
        dirty.clear();
        loop.onReport(this, lanes, withCounters ? countedSince() : new TreeMap<>());
    }

    private Map<String, Long> countedSince() {
        Map<String, Long> more = new TreeMap<>();
        queue.counters().snapshot().forEach((name, value) -> {
            Long before = reported.put(name, value);
            if (value > (before == null ? 0 : before)) {
                more.put(name, value - (before == null ? 0 : before));
            }
        });
        return more;
    }
}

package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of the data-plane queues: tells them which keys there are, and takes what they hand over and report.
 * Confined to the node's loop, except {@link #scheduleDrain} and {@link #onReport}.
 */
final class SessionQueues {
    /** Entries of one queue that are taken before it is another's turn, and the loop's sockets'. */
    private static final int TAKEN_PER_TURN_MAX = 128;

    private static final SessionLane[] NO_LANES = {};

    private final SessionLayer layer;
    private final NodeRuntime runtime;
    private final List<SessionQueue> queues = new ArrayList<>();
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final Scratch scratch = new Scratch();
    private final HandOver.Taker taker = this::onHandedOver;
    private final Counters.Counter dropFull;

    SessionQueues(SessionLayer layer) {
        this.layer = layer;
        this.runtime = layer.runtime();
        List<DataQueue> worlds = runtime.queues();
        for (DataQueue world : worlds) {
            queues.add(new SessionQueue(world, worlds.size() + 1, runtime.clock(), this));
        }
        dropFull = runtime.counters().counter("session.drop.handover");
        queues.forEach(queue -> queue.tell(queue::start));
    }

    /** All of them, the loop included. */
    int count() {
        return queues.size() + 1;
    }

    /** Those beside the loop, queue 1 first. */
    List<SessionQueue> all() {
        return queues;
    }

    SessionLane[] lanesOf(Session session) {
        if (queues.isEmpty()) {
            return NO_LANES;
        }
        SessionLane[] lanes = new SessionLane[queues.size()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = new SessionLane(session, queues.get(i), laneOf(i + 1, session.nodeId()));
        }
        return lanes;
    }

    /**
     * The lane on which a queue sends packets to a peer that it reaches directly. A queue has several if there are
     * fewer queues than lanes: it takes another one for each pair of nodes, so that many peers with few queues spread
     * over all queues of one with many.
     */
    int laneOf(int queue, OverlayId peer) {
        int own = (Epoch.LANES - 1 - queue) / count() + 1;
        return queue + count() * Math.floorMod(layer.self().hashCode() ^ peer.hashCode(), own);
    }

    // ------------------------------------------------------------------ to queues

    /** Frames under these keys may come, of this session if that is known already. */
    void addKeys(Epoch epoch, @Nullable Session session) {
        for (int i = 0; i < queues.size(); i++) {
            SessionQueue queue = queues.get(i);
            EpochShare share = epoch.share(queue.number());
            SessionLane lane = session == null ? null : session.lane(queue.number());
            queue.tell(() -> queue.addKeys(share, lane));
        }
    }

    /** No frames of this index are taken any more. */
    void removeKeys(int index) {
        for (SessionQueue queue : queues) {
            queue.tell(() -> queue.removeKeys(index));
        }
    }

    /**
     * The session seals with these keys and sends over this path: its queues do so themselves if it leads from the
     * node's own UDP port straight to the peer, else they hand packets to the loop.
     *
     * @return the lane on which the loop sends packets: lane 0, which the peer's loop opens, unless its queues can
     *     have them straight
     */
    int publish(Session session, SessionLane[] lanes, @Nullable Epoch epoch, @Nullable Path path) {
        Endpoint there = path == null ? null : path.route().endpoint();
        boolean straight = path != null
                && there != null
                && there.kind() == Endpoint.Kind.UDP
                && path.isAt(there)
                && path.route().use() != InterfaceUse.OFF;
        boolean known = path != null && path.isFrameBytesKnown();
        for (SessionLane lane : lanes) {
            lane.publish(epoch, straight ? there : null, Session.packetBytes(path), known);
        }
        return straight ? laneOf(0, session.nodeId()) : 0;
    }

    /** The queue whose lane a frame is of: it alone may open it. True if that is not the loop: it has it. */
    boolean handIn(
            @Nullable Endpoint from, @Nullable FrameRoute route, byte[] in, int offset, int length, int trafficClass) {
        if (queues.isEmpty()) {
            return false;
        }
        int owner = Frame.lane(in, offset) % count();
        if (owner == 0) {
            return false;
        }
        if (!queues.get(owner - 1).handIn(from, route, in, offset, length, trafficClass)) {
            dropFull.increment();
        }
        return true;
    }

    // ---------------------------------------------------------------- from queues

    /** What queues handed over is to be taken. Any thread may call this. */
    void scheduleDrain() {
        if (drainScheduled.compareAndSet(false, true)) {
            runtime.timers().execute(this::drain);
        }
    }

    /** The transport takes frames again, and so the loop takes packets. */
    void scheduleDrainIfAny() {
        if (!queues.isEmpty()) {
            scheduleDrain();
        }
    }

    private void drain() {
        drainScheduled.set(false);
        boolean more = false;
        boolean any = false;
        for (SessionQueue queue : queues) {
            int takenOfIt = 0;
            // While nothing can leave, packets wait where they are: the queue stops reading its device.
            while (takenOfIt < TAKEN_PER_TURN_MAX && runtime.transport().isWritable() && queue.takeForLoop(taker)) {
                takenOfIt++;
            }
            any |= takenOfIt > 0;
            more |= takenOfIt == TAKEN_PER_TURN_MAX;
            if (runtime.transport().isWritable()) {
                queue.onDrained();
            }
        }
        if (any) {
            layer.onBatchEnd();
        }
        if (more) {
            scheduleDrain();
        }
    }

    private void onHandedOver(
            @Nullable QueuePackets source,
            @Nullable Endpoint from,
            @Nullable FrameRoute route,
            @Nullable Epoch opener,
            int note,
            byte[] buffer,
            int offset,
            int length) {
        if (source != null) {
            source.onPacket(buffer, offset, length);
        } else if (opener != null) {
            layer.onOpenedElsewhere(opener, from, route, note >> 9, (note & 1) != 0, buffer, offset, note >> 1 & 0xff);
        } else if (from != null) {
            // Handlers of relayed frames write into them: they get an array of their own.
            byte[] packet = scratch.atLeast(length);
            System.arraycopy(buffer, offset, packet, 0, length);
            layer.onFrames(from, packet, 0, length, length, note);
        }
    }

    /**
     * The note of an opened frame: its length on the wire, its traffic class, and whether it is the newest of its lane.
     * That of any other frame is its traffic class.
     */
    static int note(int length, int trafficClass, boolean newest) {
        return length << 9 | trafficClass << 1 | (newest ? 1 : 0);
    }

    /** A queue's report. On that queue. */
    void onReport(SessionQueue queue, List<LaneReport> lanes, Map<String, Long> counted) {
        runtime.timers().execute(() -> {
            lanes.forEach(layer::onReport);
            String prefix = "queue." + queue.number() + ".";
            counted.forEach((name, more) -> {
                runtime.counters().counter(name).add(more);
                runtime.counters().counter(prefix + name).add(more);
            });
            queue.onReportRead();
        });
    }
}

package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.crawler.mapreduce.MapReduceTask.Reduced;
import io.p2pvpn.crawler.wire.proto.TaskResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.ArcSplit;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one member does about a part of a run: maps if it stands there, shares the rest out, puts together what comes
 * back, and ends when all is in or the time is over. Each part counts once: with the answer of whoever was asked last.
 * Confined to the node's loop.
 */
final class Share {
    /** Takes the answer. */
    interface Listener {
        void onEnd(byte[] value, Coverage coverage);
    }

    /** A child has less time than we by at least this, and three round trips (a third of ours at most); and a tenth. */
    private static final long MARGIN_NANOS = 20_000_000L;

    private static final int MARGIN_SHARE = 10;
    private static final int MARGIN_ROUND_TRIPS = 3;
    /** With less than this nobody is asked. */
    private static final long USEFUL_NANOS = 50_000_000L;
    /** A child that has not taken its part after so long, or a quarter of its time, is silent. */
    private static final long PATIENCE_NANOS = 1_600_000_000L;

    private static final int PATIENCE_SHARE = 4;
    private static final long PATIENCE_MIN_NANOS = 250_000_000L;
    /** When the path was not measured yet. */
    private static final long USUAL_RTT_NANOS = 200_000_000L;

    private static final long MICRO_NANOS = 1000;

    private final MapReduce engine;
    private final TaskRing ring;
    private final TaskOrder order;
    private final MapReduceTask task;
    private final TaskHistory.Run run;
    private final int valueBytesMax;
    private final Listener listener;
    private final long beganNanos;
    private final CoverageSum sum = new CoverageSum();
    private final List<Part> parts = new ArrayList<>();
    private byte[] value = new byte[0];
    private boolean mapping;
    private long mappedNanos;
    private boolean mapped;
    private boolean shared;
    private boolean ended;
    private Timers.@Nullable Timer deadline;

    /**
     * One that has not begun.
     *
     * @param valueBytesMax what the answer may have; that of the source more than those of members
     */
    Share(
            MapReduce engine,
            TaskRing ring,
            TaskOrder order,
            MapReduceTask task,
            TaskHistory.Run run,
            int valueBytesMax,
            Listener listener) {
        this.engine = engine;
        this.ring = ring;
        this.order = order;
        this.task = task;
        this.run = run;
        this.valueBytesMax = valueBytesMax;
        this.listener = listener;
        this.beganNanos = engine.now();
        this.mappedNanos = beganNanos;
    }

    void begin() {
        engine.onBegin(this);
        deadline = engine.timers().schedule(order.leftNanos(), this::onDeadline);
        sum.deep(order.hops());
        if (order.isPath() || order.arc().contains(ring.self())) {
            if (run.mapOnce()) {
                map();
            }
        }
        if (!ended) {
            shareOut();
            shared = true;
            endIfDone();
        }
    }

    private long leftNanos() {
        return beganNanos + order.leftNanos() - engine.now();
    }

    // -------------------------------------------------------------------------- map

    private void map() {
        mapping = true;
        MapContext context = new MapContext(engine.node(), ring, engine.facts(), leftNanos(), (asked, answered) -> {
            if (!ended) {
                sum.call(asked, answered);
            }
        });
        Completions.whenDone(engine.timers(), task.map(context, order.argument()), (own, failure) -> {
            if (ended) {
                return;
            }
            mapping = false;
            mapped = true;
            mappedNanos = engine.now();
            if (failure != null) {
                miss(Gap.only(ring.self(), GapReason.FAILED));
            } else {
                sum.member(ring.self(), (mappedNanos - beganNanos) / MICRO_NANOS);
                Reduced reduced = task.reduce(order.argument(), value, ChildAnswer.of(Arc.only(ring.self()), own));
                if (reduced == null || reduced.value().length > valueBytesMax) {
                    sum.unmember();
                    miss(Gap.only(ring.self(), reduced == null ? GapReason.FAILED : GapReason.TOO_LARGE));
                } else {
                    take(reduced);
                }
            }
            endIfDone();
        });
    }

    private void take(Reduced reduced) {
        value = reduced.value();
        if (reduced.done()) {
            closeAll(GapReason.NOT_NEEDED);
        }
    }

    private void miss(Gap gap) {
        sum.gap(gap);
        Reduced reduced = task.reduce(order.argument(), value, ChildAnswer.missing(gap));
        if (reduced != null && reduced.value().length <= valueBytesMax) {
            value = reduced.value();
        }
    }

    // --------------------------------------------------------------------- the parts

    private void shareOut() {
        if (order.isPath()) {
            OverlayId next = ring.nextHop(order.arc().to());
            if (next != null && order.hops() < MapReduce.HOPS_MAX) {
                hand(next, order.arc(), order.number(), order.passed());
            }
            return;
        }
        Arc arc = order.arc();
        TreeSet<OverlayId> passed = new TreeSet<>(order.passed().keySet());
        List<ArcSplit.Part> split = new ArrayList<>(Trees.split(order.tree(), arc, ring.self(), ring.links(passed)));
        OverlayId carrier = split.isEmpty() && !arc.contains(ring.self()) ? ring.nearest(arc, passed, true) : null;
        if (carrier != null) {
            split.add(new ArcSplit.Part(carrier, arc));
        }
        // Who was passed by may be cut off from those who say so only: who stands beside it tries once more.
        order.passed().forEach((member, reason) -> {
            if (arc.contains(member)
                    && split.stream().noneMatch(part -> part.arc().contains(member))) {
                TaskPeer peer = ring.peer(member);
                if (peer != null && peer.isEdge()) {
                    split.add(new ArcSplit.Part(member, Arc.only(member)));
                } else {
                    miss(Gap.only(member, reason));
                }
            }
        });
        split.forEach(part -> hand(part.child(), part.arc(), order.number(), order.passed()));
    }

    private void hand(OverlayId child, Arc arc, long number, SortedMap<OverlayId, GapReason> passed) {
        TaskPeer peer = ring.peer(child);
        long rttNanos = peer == null ? USUAL_RTT_NANOS : rttNanos(peer);
        long left = leftNanos();
        // However far away it seems: a measured round trip may be that of a moment without processor time.
        long roundTrips = Math.min(MARGIN_ROUND_TRIPS * rttNanos, left / MARGIN_ROUND_TRIPS);
        long childLeft = left - Math.max(MARGIN_NANOS + roundTrips, left / MARGIN_SHARE);
        if (peer == null || order.hops() >= MapReduce.HOPS_MAX || childLeft < USEFUL_NANOS) {
            miss(new Gap(arc, peer == null ? GapReason.LOST : GapReason.DEADLINE, child));
            return;
        }
        Part part = new Part(order.hand(number, engine.drawNumber(), arc, childLeft, passed), peer);
        if (!engine.await(this, part)) {
            miss(new Gap(arc, GapReason.REFUSED, ring.self()));
            return;
        }
        parts.add(part);
        if (!order.waiting()) {
            long patience = Math.max(
                    Math.max(PATIENCE_MIN_NANOS, Math.min(2 * rttNanos, childLeft / 2)),
                    Math.min(PATIENCE_NANOS, childLeft / PATIENCE_SHARE));
            part.setPatience(engine.timers().schedule(patience, () -> fail(part, GapReason.SILENT)));
        }
        send(part);
    }

    private static long rttNanos(TaskPeer peer) {
        long nanos = peer.rttNanos();
        return nanos == TaskPeer.RTT_UNKNOWN_NANOS ? USUAL_RTT_NANOS : nanos;
    }

    private void send(Part part) {
        byte[] body = part.order().toWire(ring.ringIdBytes()).toByteArray();
        sum.call(body.length, 0);
        Completions.whenDone(engine.timers(), part.link().call(MapReduce.START_METHOD, body), (reply, failure) -> {
            if (ended || part.isClosed()) {
                return;
            }
            if (failure == null) {
                part.onTaken();
            } else if (!MapReduce.isNoAnswer(failure)) {
                fail(part, GapReason.REFUSED);
            } else if (order.waiting() && part.link().isOpen()) {
                // It lives, as its session does: it may be slow.
                send(part);
            } else {
                fail(part, GapReason.SILENT);
            }
        });
    }

    /** A piece of an answer to one of our parts came. */
    void onPiece(Part part, TaskResult result, int bytes) {
        sum.call(bytes, 0);
        switch (part.onPiece(result)) {
            case WHOLE -> onAnswer(part);
            case MALFORMED -> fail(part, GapReason.MALFORMED);
            case MORE -> {}
        }
    }

    private void onAnswer(Part part) {
        Arc arc = part.order().arc();
        byte[] answer = part.value();
        Coverage coverage = CoverageSum.fromWire(part.coverage(), order.isPath() ? Arc.whole(arc.to()) : arc);
        boolean hasAnswer = answer.length > 0;
        Arc from = order.isPath() ? Arc.whole(arc.to()) : arc;
        Reduced reduced = coverage == null || !hasAnswer
                ? null
                : task.reduce(order.argument(), value, ChildAnswer.of(from, answer));
        if (coverage == null || (hasAnswer && reduced == null)) {
            fail(part, GapReason.MALFORMED);
            return;
        }
        close(part);
        if (reduced != null && reduced.value().length > valueBytesMax) {
            miss(new Gap(arc, GapReason.TOO_LARGE, part.child()));
        } else {
            sum.addWithoutGaps(coverage);
            coverage.gaps().forEach(this::miss);
            if (reduced != null) {
                take(reduced);
            }
        }
        endIfDone();
    }

    private void close(Part part) {
        part.close();
        engine.forget(part);
    }

    /** A child does not do its part: somebody else does, and does not count on it. */
    void fail(Part part, GapReason reason) {
        if (ended || part.isClosed()) {
            return;
        }
        engine.count("failed." + reason.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        close(part);
        TaskOrder handed = part.order();
        Arc arc = handed.arc();
        SortedMap<OverlayId, GapReason> passed = handed.passedWith(part.child(), reason);
        boolean alone = arc.equals(Arc.only(part.child()));
        OverlayId substitute = order.isPath() || alone || passed.size() > TaskOrder.PASSED_MAX
                ? null
                : ring.nearest(arc, new TreeSet<>(passed.keySet()), false);
        if (substitute == null || leftNanos() < 2 * USEFUL_NANOS) {
            miss(alone || order.isPath() ? Gap.only(part.child(), reason) : new Gap(arc, reason, culprit(part)));
        } else {
            // Another number: what came of the first try does not count any more, wherever it is.
            hand(substitute, arc, engine.drawNumber(), passed);
        }
        endIfDone();
    }

    /** Sessions may have ended. */
    void review() {
        for (Part part : List.copyOf(parts)) {
            if (!part.isClosed() && !part.link().isOpen()) {
                fail(part, part.isTaken() ? GapReason.LOST : GapReason.SILENT);
            }
        }
    }

    // ---------------------------------------------------------------------- the end

    private void onDeadline() {
        if (mapping) {
            miss(Gap.only(ring.self(), GapReason.DEADLINE));
            mapping = false;
        }
        closeAll(GapReason.DEADLINE);
        shared = true;
        endIfDone();
    }

    private void closeAll(GapReason reason) {
        for (Part part : List.copyOf(parts)) {
            if (!part.isClosed()) {
                close(part);
                boolean silent = reason == GapReason.DEADLINE && !part.isTaken();
                Arc arc = order.isPath() ? Arc.only(part.child()) : part.order().arc();
                Gap gap = new Gap(arc, silent ? GapReason.SILENT : reason, culprit(part));
                if (reason == GapReason.DEADLINE) {
                    miss(gap);
                } else {
                    sum.gap(gap);
                }
            }
        }
    }

    /** Whoever was passed by before is more to blame than whoever stood in. */
    private OverlayId culprit(Part part) {
        for (OverlayId member : part.order().passed().keySet()) {
            if (!order.passed().containsKey(member)) {
                return member;
            }
        }
        return part.child();
    }

    private void endIfDone() {
        if (ended || !shared || mapping || parts.stream().anyMatch(part -> !part.isClosed())) {
            return;
        }
        ended = true;
        if (deadline != null) {
            deadline.cancel();
        }
        if (mapped) {
            sum.waited(ring.self(), (engine.now() - mappedNanos) / MICRO_NANOS);
        }
        engine.onEnd(this);
        listener.onEnd(value, sum.toCoverage());
    }
}

package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.FetchReply;
import io.p2pvpn.dht.wire.proto.FetchRequest;
import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the records of positions that became ours, after we joined or a neighbour went, from those who keep the same
 * records at other positions: symmetric replication (A. Ghodsi, L. O. Alima, S. Haridi: "Symmetric Replication for
 * Structured Peer-to-Peer Systems", DBISP2P 2005, section 4). A position whose records are not all here yet is not
 * settled: nobody may conclude from our silence that there is no record.
 *
 * <p>The keys that have their i-th position on our arc have their (i + j)-th on the arc j eighths further. Whoever
 * keeps that one is asked part by part, until {@link DhtLimits#FETCH_SOURCES} of the seven were heard in full.
 */
final class ZoneFetch {
    /** An arc that became ours, and what is left to do about it. */
    private static final class Task {
        private final Arc arc;
        private final long deadlineMillis;
        private final int atOnce;
        private final Deque<Integer> sources = new ArrayDeque<>();
        private int asking;
        private int heard;
        private boolean started;

        private Task(Arc arc, long deadlineMillis, int atOnce) {
            this.arc = arc;
            this.deadlineMillis = deadlineMillis;
            this.atOnce = atOnce;
        }
    }

    private final DhtContext context;
    private final Intake intake;
    private final List<Task> tasks = new ArrayList<>();
    private @Nullable Arc zone;
    private boolean pending;

    ZoneFetch(DhtContext context, Intake intake) {
        this.context = context;
        this.intake = intake;
    }

    /** Whether we know what there is to know of a position. */
    boolean isSettled(OverlayId position) {
        return tasks.stream().noneMatch(task -> task.arc.contains(position) && !isOver(task));
    }

    /** The same for each position of an arc; true at least if it is for its ends and no part of it is awaited. */
    boolean isSettled(Arc arc) {
        return tasks.stream()
                .noneMatch(task -> !isOver(task)
                        && (task.arc.contains(arc.to())
                                || task.arc.contains(arc.first())
                                || arc.contains(task.arc.to())));
    }

    private boolean isOver(Task task) {
        return context.nowMillis() - task.deadlineMillis >= 0;
    }

    /**
     * Compares the zone that we cover with the one before, and fetches what is new a moment later.
     *
     * @param upheaval the ring around us is another one: everything is fetched
     */
    void onRingChanged(Neighbourhood neighbours, boolean upheaval) {
        Arc now = neighbours.zone();
        Arc before = zone;
        zone = now;
        OverlayId self = context.ring().self();
        if (now.from().equals(now.to())) {
            return;
        }
        if (before == null || upheaval) {
            add(now, neighbours);
        } else if (!before.from().equals(before.to())) {
            if (isLonger(now.from().clockwiseDistanceTo(self), before.from().clockwiseDistanceTo(self))) {
                add(new Arc(now.from(), before.from()), neighbours);
            }
            if (isLonger(self.clockwiseDistanceTo(now.to()), self.clockwiseDistanceTo(before.to()))) {
                add(new Arc(before.to(), now.to()), neighbours);
            }
        }
    }

    private static boolean isLonger(OverlayId a, OverlayId b) {
        return a.compareTo(b) > 0;
    }

    private void add(Arc arc, Neighbourhood neighbours) {
        // In a ring of few, parts of an arc elsewhere are often our own, and few of the seven are heard in full.
        int atOnce = neighbours.isWholeRing() ? DhtLimits.REPLICAS - 1 : DhtLimits.FETCH_SOURCES;
        Task task = new Task(arc, context.nowMillis() + DhtLimits.SETTLE_MILLIS_MAX, atOnce);
        List<Integer> others = new ArrayList<>();
        for (int i = 1; i < DhtLimits.REPLICAS; i++) {
            others.add(context.random().nextInt(others.size() + 1), i);
        }
        task.sources.addAll(others);
        if (tasks.size() >= DhtLimits.FETCHES_MAX) {
            tasks.remove(0);
        }
        tasks.add(task);
        if (!pending) {
            pending = true;
            context.after(DhtLimits.FETCH_DELAY_MILLIS, this::startAll);
        }
    }

    private void startAll() {
        pending = false;
        for (Task task : List.copyOf(tasks)) {
            if (!task.started) {
                task.started = true;
                next(task);
            }
        }
    }

    /** Turns to the next sources, or is done. */
    private void next(Task task) {
        boolean enough = task.heard >= DhtLimits.FETCH_SOURCES || isOver(task) || !context.isServing();
        while (!enough && task.asking < task.atOnce && !task.sources.isEmpty()) {
            task.asking++;
            int index = task.sources.remove();
            ask(task, index, task.arc.shifted(index), true);
        }
        if (enough || task.asking == 0) {
            tasks.remove(task);
        }
    }

    private void ask(Task task, int index, Arc left, boolean inFull) {
        byte[] request = FetchRequest.newBuilder()
                .setFrom(ByteString.copyFrom(left.from().toByteArray()))
                .setTo(ByteString.copyFrom(left.to().toByteArray()))
                .build()
                .toByteArray();
        CompletableFuture<@Nullable RingReply> call = context.ring()
                .call(left.first(), Delivery.NEAREST, DhtContext.FETCH, request)
                .handle((reply, error) -> reply);
        DhtContext.then(call, reply -> onReply(task, index, left, inFull, reply));
    }

    private void onReply(Task task, int index, Arc left, boolean inFull, @Nullable RingReply ringReply) {
        FetchReply reply = ringReply == null ? null : parse(ringReply.body());
        OverlayId until = reply == null ? null : until(reply, left);
        if (ringReply == null || reply == null || until == null) {
            task.asking--;
            next(task);
            return;
        }
        boolean ours = ringReply.responder().equals(context.ring().self());
        if (!ours) {
            take(reply);
        }
        boolean full = inFull && !ours && reply.getSettled();
        if (!until.equals(left.to())) {
            ask(task, index, left.after(until), full);
        } else {
            task.asking--;
            task.heard += full ? 1 : 0;
            next(task);
        }
    }

    private @Nullable FetchReply parse(byte[] body) {
        try {
            FetchReply reply = FetchReply.parseFrom(body);
            return reply.getNotReady() ? null : reply;
        } catch (InvalidProtocolBufferException e) {
            context.counter("dht.drop.answer").increment();
            return null;
        }
    }

    /** How far the reply goes; null unless that is progress. */
    private @Nullable OverlayId until(FetchReply reply, Arc left) {
        if (reply.getUntil().size() == OverlayId.BYTES) {
            OverlayId until = OverlayId.of(reply.getUntil().toByteArray());
            if (left.contains(until)) {
                return until;
            }
        }
        context.counter("dht.drop.answer").increment();
        return null;
    }

    private void take(FetchReply reply) {
        int stored = 0;
        for (StoredRecord offered : reply.getRecordsList()) {
            if (stored++ < DhtLimits.FETCH_RECORDS_MAX) {
                intake.take(offered);
            }
        }
        context.counter("dht.fetch.records").add(stored);
    }
}

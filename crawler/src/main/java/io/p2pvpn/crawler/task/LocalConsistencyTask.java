package io.p2pvpn.crawler.task;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.mapreduce.TaskNode;
import io.p2pvpn.crawler.mapreduce.TaskPeer;
import io.p2pvpn.crawler.wire.proto.FaultWire;
import io.p2pvpn.crawler.wire.proto.LocalSums;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Every member asks its first two neighbours clockwise itself, and answers with two numbers; who it is goes along while
 * that is not too much.
 */
public final class LocalConsistencyTask implements MapReduceTask {
    /** Its name. */
    public static final String NAME = "consistency";
    /** Members that are named; of more only the number is told. */
    public static final int IDS_MAX = 8192;
    /** Checks that failed, as told one by one. */
    public static final int FAULTS_MAX = 64;

    /** A neighbour that does not answer by then, or in a third of the time, does not agree. */
    private static final long PATIENCE_NANOS = 4_000_000_000L;

    private static final int PATIENCE_SHARE = 3;

    private final NeighbourView view;
    private final NearCalls calls;

    /** Checks what that view shows; answers neighbours from now on. */
    public LocalConsistencyTask(TaskNode node, NeighbourView view) {
        this.view = view;
        this.calls = new NearCalls(node, view);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CompletableFuture<byte[]> map(MapContext context, byte[] argument) {
        return new Check(context, view.look(context.ring())).run();
    }

    private final class Check {
        private final MapContext context;
        private final NodeReport own;
        private final CompletableFuture<byte[]> result = new CompletableFuture<>();
        private final boolean[] passed = new boolean[2];
        private final List<FaultWire> faults = new ArrayList<>();
        private int open = 2;

        Check(MapContext context, NodeReport own) {
            this.context = context;
            this.own = own;
        }

        CompletableFuture<byte[]> run() {
            for (int side = 1; side <= 2; side++) {
                ask(side);
            }
            return result;
        }

        private void ask(int side) {
            OverlayId expected = Consistency.neighbour(own, side);
            TaskPeer peer = expected == null ? null : context.ring().peer(expected);
            if (expected == null) {
                // Whoever has no neighbours is alone, as far as it knows.
                boolean alone =
                        own.predecessors().isEmpty() && context.ring().service().sizeEstimate() <= 1;
                settle(side, alone ? null : new Inconsistency(own.id(), null, null, side));
            } else if (peer == null) {
                settle(side, new Inconsistency(own.id(), expected, null, side));
            } else {
                ask(side, expected, peer);
            }
        }

        private void ask(int side, OverlayId expected, TaskPeer peer) {
            Timers timers = context.node().runtime().timers();
            boolean[] waiting = {true};
            Inconsistency silent = new Inconsistency(own.id(), expected, null, side);
            Timers.Timer patience =
                    timers.schedule(Math.min(PATIENCE_NANOS, context.leftNanos() / PATIENCE_SHARE), () -> {
                        waiting[0] = false;
                        settle(side, silent);
                    });
            Completions.whenDone(timers, calls.call(peer, context.ring()), (reply, failure) -> {
                if (waiting[0]) {
                    patience.cancel();
                    context.traffic().onCall(NearCalls.ask(context.ring()).length, reply == null ? 0 : reply.length);
                    List<OverlayId> its = NearCalls.predecessors(reply);
                    settle(side, its == null ? silent : Consistency.check(own, side, expected, its));
                }
            });
        }

        private void settle(int side, @Nullable Inconsistency fault) {
            passed[side - 1] = fault == null;
            if (fault != null) {
                faults.add(wire(fault));
            }
            open--;
            if (open == 0) {
                result.complete(LocalSums.newBuilder()
                        .setMembers(1)
                        .setLeft1(passed[0] ? 1 : 0)
                        .setLeft2(passed[1] ? 1 : 0)
                        .addAllFaults(faults)
                        .setIds(Contacts.bytes(own.id()))
                        .build()
                        .toByteArray());
            }
        }
    }

    private static FaultWire wire(Inconsistency fault) {
        FaultWire.Builder wire =
                FaultWire.newBuilder().setNode(Contacts.bytes(fault.node())).setSide(fault.side());
        if (fault.expected() != null) {
            wire.setExpected(Contacts.bytes(fault.expected()));
        }
        if (fault.found() != null) {
            wire.setFound(Contacts.bytes(fault.found()));
        }
        return wire.build();
    }

    private static @Nullable Inconsistency fault(FaultWire wire) {
        OverlayId node = Contacts.id(wire.getNode());
        OverlayId expected = Contacts.id(wire.getExpected());
        OverlayId found = Contacts.id(wire.getFound());
        boolean right = (expected != null || wire.getExpected().isEmpty())
                && (found != null || wire.getFound().isEmpty())
                && (wire.getSide() == 1 || wire.getSide() == 2);
        return node == null || !right ? null : new Inconsistency(node, expected, found, wire.getSide());
    }

    @Override
    public @Nullable Reduced reduce(byte[] argument, byte[] current, ChildAnswer child) {
        return reduced(current, child);
    }

    /** Adds sums up. A pure function. */
    static @Nullable Reduced reduced(byte[] current, ChildAnswer child) {
        byte[] value = child.value();
        if (value == null) {
            return Reduced.of(current);
        }
        LocalSums more = parse(value);
        if (more == null || !isRight(more, child.arc())) {
            return null;
        }
        LocalSums before = sums(current);
        if (before.getMembers() + more.getMembers() > TaskLimits.MEMBERS_MAX) {
            return null;
        }
        LocalSums.Builder both = LocalSums.newBuilder()
                .setMembers(before.getMembers() + more.getMembers())
                .setLeft1(before.getLeft1() + more.getLeft1())
                .setLeft2(before.getLeft2() + more.getLeft2())
                .addAllFaults(before.getFaultsList());
        for (FaultWire fault : more.getFaultsList()) {
            if (both.getFaultsCount() < FAULTS_MAX) {
                both.addFaults(fault);
            }
        }
        ByteString ids = before.getIds().concat(more.getIds());
        boolean dropped = before.getIdsDropped() || more.getIdsDropped() || ids.size() > IDS_MAX * OverlayId.BYTES;
        return Reduced.of(both.setIds(dropped ? ByteString.EMPTY : ids)
                .setIdsDropped(dropped)
                .build()
                .toByteArray());
    }

    private static boolean isRight(LocalSums sums, Arc arc) {
        boolean right = sums.getMembers() >= 1
                && sums.getMembers() <= TaskLimits.MEMBERS_MAX
                && sums.getLeft1() >= 0
                && sums.getLeft2() >= 0
                && sums.getLeft1() <= sums.getMembers()
                && sums.getLeft2() <= sums.getMembers()
                && sums.getFaultsCount() <= FAULTS_MAX
                && (sums.getIdsDropped() || sums.getIds().size() == (long) sums.getMembers() * OverlayId.BYTES);
        for (FaultWire wire : sums.getFaultsList()) {
            Inconsistency fault = fault(wire);
            right = right && fault != null && arc.contains(fault.node());
        }
        for (OverlayId id : right ? ids(sums) : List.<OverlayId>of()) {
            right = right && arc.contains(id);
        }
        return right;
    }

    private static List<OverlayId> ids(LocalSums sums) {
        List<OverlayId> ids = new ArrayList<>();
        byte[] bytes = sums.getIds().toByteArray();
        for (int at = 0; at + OverlayId.BYTES <= bytes.length; at += OverlayId.BYTES) {
            ids.add(OverlayId.of(bytes, at));
        }
        return ids;
    }

    private static @Nullable LocalSums parse(byte[] value) {
        try {
            return LocalSums.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static LocalSums sums(byte[] value) {
        LocalSums sums = parse(value);
        if (sums == null) {
            throw new IllegalArgumentException("no sums of consistency");
        }
        return sums;
    }

    /** The consistency that an answer comes to. */
    public static Consistency consistency(byte[] value) {
        LocalSums sums = sums(value);
        List<Inconsistency> faults = new ArrayList<>();
        for (FaultWire wire : sums.getFaultsList()) {
            Inconsistency fault = fault(wire);
            if (fault != null) {
                faults.add(fault);
            }
        }
        return new Consistency(sums.getMembers(), sums.getLeft1(), sums.getLeft2(), faults);
    }

    /** The members that are in an answer, or null if they were too many to be named. */
    public static @Nullable List<OverlayId> members(byte[] value) {
        LocalSums sums = sums(value);
        return sums.getIdsDropped() ? null : ids(sums);
    }
}

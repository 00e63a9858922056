package io.p2pvpn.crawler.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.wire.proto.NodeReportList;
import io.p2pvpn.crawler.wire.proto.NodeReportWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Every member's neighbour lists, one behind the other. With the argument {@link #prune}, those whose checks are made
 * and who are in nobody else's any more are left out and only counted: what is kept of a stretch of members that agree
 * are its ends.
 */
public final class NeighbourListsTask implements MapReduceTask {
    /** Its name. */
    public static final String NAME = "neighbours";

    private static final byte[] PRUNE_BYTES = {1};
    /** Of the bits of a member: from here on, those of the two members that name it, shifted by their side. */
    private static final int ASKED_SHIFT = 2;
    /** Both of a member's checks are made, and those of both that name it. */
    private static final int DONE = 0b1111;

    private final NeighbourView view;

    /** Tells what that view shows. */
    public NeighbourListsTask(NeighbourView view) {
        this.view = view;
    }

    /** The argument for pruned lists. */
    public static byte[] prune() {
        return PRUNE_BYTES.clone();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CompletableFuture<byte[]> map(MapContext context, byte[] argument) {
        NodeReport report = view.look(context.ring());
        return CompletableFuture.completedFuture(NodeReportList.newBuilder()
                .addNodes((argument.length == 0 ? report : report.checkedPart()).toWire())
                .build()
                .toByteArray());
    }

    @Override
    public @Nullable Reduced reduce(byte[] argument, byte[] current, ChildAnswer child) {
        byte[] value = child.value();
        if (value == null) {
            return Reduced.of(current);
        }
        NodeReportList list = parse(value, child.arc());
        if (list == null) {
            return null;
        }
        if (argument.length == 0) {
            // Messages of repeated fields, one behind the other, are one message.
            ByteArrayOutputStream both = new ByteArrayOutputStream(current.length + value.length);
            both.writeBytes(current);
            both.writeBytes(value);
            return Reduced.of(both.toByteArray());
        }
        try {
            NodeReportList before = NodeReportList.parseFrom(current);
            if (before.getPruned() + list.getPruned() > TaskLimits.MEMBERS_MAX) {
                return null;
            }
            return Reduced.of(pruned(before, list).toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("our own list", e);
        }
    }

    private static @Nullable NodeReportList parse(byte[] value, Arc arc) {
        try {
            NodeReportList list = NodeReportList.parseFrom(value);
            boolean right = list.getPruned() >= 0 && list.getPruned() <= TaskLimits.MEMBERS_MAX;
            for (NodeReportWire wire : list.getNodesList()) {
                NodeReport report = NodeReport.fromWire(wire);
                right = right && report != null && arc.contains(report.id());
            }
            return right ? list : null;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static NodeReportList pruned(NodeReportList one, NodeReportList other) {
        SortedMap<OverlayId, NodeReport> reports = new TreeMap<>();
        SortedMap<OverlayId, Integer> checked = new TreeMap<>();
        for (NodeReportList list : List.of(one, other)) {
            for (NodeReportWire wire : list.getNodesList()) {
                NodeReport report = NodeReport.fromWire(wire);
                if (report != null) {
                    reports.put(report.id(), report);
                    checked.merge(report.id(), wire.getChecked(), (some, more) -> some | more);
                }
            }
        }
        reports.values().forEach(report -> {
            for (int side = 1; side <= 2; side++) {
                OverlayId neighbour = Consistency.neighbour(report, side);
                NodeReport it = neighbour == null ? null : reports.get(neighbour);
                if (neighbour != null
                        && it != null
                        && Consistency.check(report, side, neighbour, it.predecessors()) == null) {
                    checked.merge(report.id(), side, (some, more) -> some | more);
                    checked.merge(neighbour, side << ASKED_SHIFT, (some, more) -> some | more);
                }
            }
        });
        NodeReportList.Builder kept = NodeReportList.newBuilder().setPruned(one.getPruned() + other.getPruned());
        for (NodeReport report : reports.values()) {
            int bits = checked.getOrDefault(report.id(), 0) & DONE;
            if (bits == DONE) {
                kept.setPruned(kept.getPruned() + 1);
            } else {
                kept.addNodes(report.toWire().toBuilder().setChecked(bits));
            }
        }
        return kept.build();
    }

    /** What an answer says; members that are in it twice are told once. */
    public static List<NodeReport> reports(byte[] value) {
        SortedMap<OverlayId, NodeReport> reports = new TreeMap<>();
        for (NodeReportWire wire : list(value).getNodesList()) {
            NodeReport report = NodeReport.fromWire(wire);
            if (report != null) {
                reports.putIfAbsent(report.id(), report);
            }
        }
        return new ArrayList<>(reports.values());
    }

    /** The consistency that an answer comes to, pruned or not. */
    public static Consistency consistency(byte[] value) {
        NodeReportList list = list(value);
        if (list.getPruned() == 0) {
            return Consistency.of(reports(value));
        }
        SortedMap<OverlayId, NodeReport> reports = new TreeMap<>();
        reports(value).forEach(report -> reports.put(report.id(), report));
        int[] passed = {list.getPruned(), list.getPruned()};
        List<Inconsistency> faults = new ArrayList<>();
        for (NodeReportWire wire : list.getNodesList()) {
            NodeReport report = NodeReport.fromWire(wire);
            for (int side = 1; report != null && side <= 2; side++) {
                Inconsistency fault = (wire.getChecked() & side) != 0 ? null : checkOfMany(report, side, reports);
                if (fault == null) {
                    passed[side - 1]++;
                } else {
                    faults.add(fault);
                }
            }
        }
        return new Consistency(list.getPruned() + reports.size(), passed[0], passed[1], faults);
    }

    /** There are others, whom the list does not name any more: whoever knows nobody is not alone. */
    private static @Nullable Inconsistency checkOfMany(
            NodeReport report, int side, SortedMap<OverlayId, NodeReport> reports) {
        return Consistency.neighbour(report, side) == null
                ? new Inconsistency(report.id(), null, null, side)
                : Consistency.check(report, side, reports);
    }

    private static NodeReportList list(byte[] value) {
        try {
            return NodeReportList.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("no list of neighbours", e);
        }
    }
}

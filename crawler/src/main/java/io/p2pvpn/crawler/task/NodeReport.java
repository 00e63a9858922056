package io.p2pvpn.crawler.task;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.wire.proto.NodeReportWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Contacts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member says of its place in the ring. Immutable.
 *
 * @param id who
 * @param name what it calls itself, empty if nothing
 * @param successors linked neighbours clockwise, nearest first
 * @param predecessors linked neighbours counter-clockwise, nearest first
 * @param far across the ring, wanted by itself
 * @param chota wanted for traffic
 * @param relayed of all of these, those whose traffic goes through a relay
 */
public record NodeReport(
        OverlayId id,
        String name,
        List<OverlayId> successors,
        List<OverlayId> predecessors,
        List<OverlayId> far,
        List<OverlayId> chota,
        List<OverlayId> relayed) {
    /** Neighbours on one side. */
    static final int NEAR_MAX = 8;
    /** Of these, those that are compared. */
    private static final int CHECKED = 2;
    /** Links of one other kind that are told. */
    static final int LINKS_MAX = 32;

    private static final int NAME_CHARS_MAX = 63;

    /** Keeps its own copies of the lists. */
    public NodeReport {
        successors = List.copyOf(successors);
        predecessors = List.copyOf(predecessors);
        far = List.copyOf(far);
        chota = List.copyOf(chota);
        relayed = List.copyOf(relayed);
    }

    /** Neighbours alone. */
    public static NodeReport of(OverlayId id, List<OverlayId> successors, List<OverlayId> predecessors) {
        return new NodeReport(id, "", successors, predecessors, List.of(), List.of(), List.of());
    }

    /** As much of it as the checks of {@link Consistency} look at. */
    NodeReport checkedPart() {
        return of(id, nearest(successors), nearest(predecessors));
    }

    private static List<OverlayId> nearest(List<OverlayId> side) {
        return side.subList(0, Math.min(CHECKED, side.size()));
    }

    /** For a message. */
    public NodeReportWire toWire() {
        return NodeReportWire.newBuilder()
                .setId(Contacts.bytes(id))
                .setName(name)
                .addAllSuccessors(bytes(successors, NEAR_MAX))
                .addAllPredecessors(bytes(predecessors, NEAR_MAX))
                .addAllFar(bytes(far, LINKS_MAX))
                .addAllChota(bytes(chota, LINKS_MAX))
                .addAllRelayed(bytes(relayed, LINKS_MAX))
                .build();
    }

    /** From a message, or null if it cannot be right. */
    public static @Nullable NodeReport fromWire(NodeReportWire wire) {
        OverlayId id = Contacts.id(wire.getId());
        List<OverlayId> successors = ids(wire.getSuccessorsList(), NEAR_MAX);
        List<OverlayId> predecessors = ids(wire.getPredecessorsList(), NEAR_MAX);
        List<OverlayId> far = ids(wire.getFarList(), LINKS_MAX);
        List<OverlayId> chota = ids(wire.getChotaList(), LINKS_MAX);
        List<OverlayId> relayed = ids(wire.getRelayedList(), LINKS_MAX);
        if (id == null
                || successors == null
                || predecessors == null
                || far == null
                || chota == null
                || relayed == null
                || !isName(wire.getName())) {
            return null;
        }
        return new NodeReport(id, wire.getName(), successors, predecessors, far, chota, relayed);
    }

    /** What is shown to people has nothing in it that moves a cursor. */
    private static boolean isName(String name) {
        return name.length() <= NAME_CHARS_MAX && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    private static List<ByteString> bytes(List<OverlayId> ids, int most) {
        return ids.stream().limit(most).map(Contacts::bytes).toList();
    }

    static @Nullable List<OverlayId> ids(List<ByteString> encoded, int most) {
        if (encoded.size() > most) {
            return null;
        }
        List<OverlayId> ids = new ArrayList<>(encoded.size());
        for (ByteString each : encoded) {
            OverlayId id = Contacts.id(each);
            if (id == null) {
                return null;
            }
            ids.add(id);
        }
        return ids;
    }
}

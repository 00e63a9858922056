package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One ring, as it is and as the sorted IDs of its members say that it should be: everybody has the four nearest ones on
 * each side, or all the others if there are fewer.
 */
public final class RingShape {
    private final List<OverlayId> ids;
    private final List<Ring> rings;

    /** A look at these members' parts of the ring, by their IDs. */
    public RingShape(SortedMap<OverlayId, Ring> members) {
        ids = new ArrayList<>(members.keySet());
        rings = new ArrayList<>(members.values());
    }

    /** What is wrong with it, or null. */
    public @Nullable String wrong() {
        for (int i = 0; i < ids.size(); i++) {
            for (boolean clockwise : new boolean[] {true, false}) {
                List<OverlayId> actual = near(i, clockwise);
                List<OverlayId> expected = expected(i, clockwise);
                if (!actual.equals(expected)) {
                    return ids.get(i).toShortString() + (clockwise ? " successors " : " predecessors ") + shorts(actual)
                            + " not " + shorts(expected);
                }
            }
        }
        return null;
    }

    /** Whether one of the members has just the neighbours that it should have. */
    public boolean isRight(OverlayId id) {
        return isRight(Collections.binarySearch(ids, id));
    }

    /** The share of the members whose neighbours on both sides are as they should be, 1 for an empty ring. */
    public double rightShare() {
        int right = 0;
        for (int i = 0; i < ids.size(); i++) {
            right += isRight(i) ? 1 : 0;
        }
        return ids.isEmpty() ? 1 : right / (double) ids.size();
    }

    /** The members that one of them should have for its neighbours on one side, the nearest first. */
    public List<OverlayId> expected(OverlayId id, boolean clockwise) {
        return expected(Collections.binarySearch(ids, id), clockwise);
    }

    private boolean isRight(int i) {
        return near(i, true).equals(expected(i, true)) && near(i, false).equals(expected(i, false));
    }

    private List<OverlayId> near(int i, boolean clockwise) {
        List<OverlayId> near = new ArrayList<>();
        for (RingPeer peer : rings.get(i).near(clockwise)) {
            near.add(peer.id());
        }
        return near;
    }

    private List<OverlayId> expected(int i, boolean clockwise) {
        List<OverlayId> expected = new ArrayList<>();
        for (int k = 1; k <= Math.min(RingSideCheck.NEAR, ids.size() - 1); k++) {
            expected.add(ids.get(Math.floorMod(clockwise ? i + k : i - k, ids.size())));
        }
        return expected;
    }

    private static List<String> shorts(List<OverlayId> ids) {
        return ids.stream().map(OverlayId::toShortString).toList();
    }
}

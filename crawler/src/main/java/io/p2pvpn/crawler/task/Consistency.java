package io.p2pvpn.crawler.task;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far the members of a ring agree on who is beside whom: (sum of left1 + sum of left2) / 2N, where left1(A) is 1 if
 * A's first neighbour clockwise names A as its first one counter-clockwise, and left2 the same with second ones (P. O.
 * Boykin et al.; docs/protocol.md, section 6.13). In a ring of one both are 1, as there is nobody to disagree; in a
 * ring of two the second neighbour of a member is itself, and left2 asks that neither names a second one. A ring cut
 * cleanly in two has 1 as well: who should be there has to be known from elsewhere. Immutable.
 *
 * @param nodes N
 * @param left1 how many pass the first check
 * @param left2 how many pass the second
 * @param faults the checks that failed
 */
public record Consistency(int nodes, int left1, int left2, List<Inconsistency> faults) {
    /** Keeps its own copy of the list. */
    public Consistency {
        faults = List.copyOf(faults);
    }

    /** The share of the checks that passed; 1 for no members. */
    public double value() {
        return nodes == 0 ? 1 : (left1 + left2) / (2.0 * nodes);
    }

    /** The share of the members that pass the first check. */
    public double left1Value() {
        return nodes == 0 ? 1 : left1 / (double) nodes;
    }

    /** The share of the members that pass the second check. */
    public double left2Value() {
        return nodes == 0 ? 1 : left2 / (double) nodes;
    }

    /** Of what members say; who says something twice counts once. */
    public static Consistency of(Collection<NodeReport> reports) {
        SortedMap<OverlayId, NodeReport> byId = new TreeMap<>();
        reports.forEach(report -> byId.putIfAbsent(report.id(), report));
        List<Inconsistency> faults = new ArrayList<>();
        int[] passed = new int[2];
        for (NodeReport report : byId.values()) {
            for (int side = 1; side <= 2; side++) {
                Inconsistency fault = check(report, side, byId);
                if (fault == null) {
                    passed[side - 1]++;
                } else {
                    faults.add(fault);
                }
            }
        }
        return new Consistency(byId.size(), passed[0], passed[1], faults);
    }

    /** What is wrong between a member and its first or second neighbour clockwise, or null. */
    static @Nullable Inconsistency check(NodeReport report, int side, SortedMap<OverlayId, NodeReport> byId) {
        OverlayId expected = neighbour(report, side);
        if (expected == null) {
            boolean alone = byId.size() == 1 && report.predecessors().isEmpty();
            return alone ? null : new Inconsistency(report.id(), null, null, side);
        }
        NodeReport other = byId.get(expected);
        return other == null
                ? new Inconsistency(report.id(), expected, null, side)
                : check(report, side, expected, other.predecessors());
    }

    /** The same when that one's neighbours are known. */
    static @Nullable Inconsistency check(
            NodeReport report, int side, OverlayId expected, List<OverlayId> itsPredecessors) {
        boolean two = report.successors().size() == 1;
        OverlayId found;
        boolean right;
        if (side == 2 && two) {
            // The second neighbour is the member itself: neither may know of anybody else.
            found = itsPredecessors.size() == 1 ? itsPredecessors.get(0) : null;
            right = report.id().equals(found);
        } else {
            found = itsPredecessors.size() >= side ? itsPredecessors.get(side - 1) : null;
            right = report.id().equals(found);
        }
        return right ? null : new Inconsistency(report.id(), expected, found, side);
    }

    /** Whom a member has to agree with; of a member that names one neighbour, the second is found there too. */
    static @Nullable OverlayId neighbour(NodeReport report, int side) {
        List<OverlayId> successors = report.successors();
        return successors.isEmpty() ? null : successors.get(Math.min(side, successors.size()) - 1);
    }
}

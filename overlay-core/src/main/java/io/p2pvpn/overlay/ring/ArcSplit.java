package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How a member that is to see to an arc shares it out among its links: the tree of a bounded broadcast, and of anything
 * else that shall reach every member of a ring once. Pure functions.
 *
 * <p>Each linked member in the arc becomes a child and gets the part around itself. Two children that follow each other
 * meet half way; what lies between a child and the splitting member is the child's, as it may know somebody there whom
 * the splitting member does not. So the parts and the splitting member make up the arc, and none overlap. On a right
 * ring nobody stands between a member and its next link on either side; hence every member of the arc is in one part,
 * or is the splitting member, and as no part contains the latter, splitting ends.
 */
public final class ArcSplit {
    /**
     * A share of an arc.
     *
     * @param child who sees to it; lies in it
     * @param arc what it sees to
     */
    public record Part(OverlayId child, Arc arc) {}

    private ArcSplit() {}

    /**
     * Shares an arc out.
     *
     * @param arc what is to be seen to
     * @param self the splitting member, in the arc or not
     * @param links whom it can hand a part to; those outside of the arc are left out
     * @return disjoint parts that together are the arc without {@code self}, from its start to its end; empty if no
     *     link lies in the arc
     */
    public static List<Part> split(Arc arc, OverlayId self, Collection<OverlayId> links) {
        List<OverlayId> marks = new ArrayList<>();
        for (OverlayId link : links) {
            if (arc.contains(link) && !link.equals(self)) {
                marks.add(link);
            }
        }
        if (arc.contains(self)) {
            marks.add(self);
        }
        marks.sort(arc::compare);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            OverlayId child = marks.get(i);
            if (!child.equals(self)) {
                OverlayId from = i == 0 ? arc.from() : startAfter(marks.get(i - 1), child, self);
                OverlayId to = i == marks.size() - 1 ? arc.to() : endBefore(marks.get(i + 1), child, self);
                parts.add(new Part(child, new Arc(from, to)));
            }
        }
        return parts;
    }

    private static OverlayId startAfter(OverlayId before, OverlayId child, OverlayId self) {
        return before.equals(self) ? self : Arc.between(before, child);
    }

    private static OverlayId endBefore(OverlayId after, OverlayId child, OverlayId self) {
        return after.equals(self) ? self.minus(Arc.STEP) : Arc.between(child, after);
    }
}

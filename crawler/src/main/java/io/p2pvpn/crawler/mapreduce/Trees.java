package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.ArcSplit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Who gets which part of an arc. Pure functions.
 *
 * <p>One way over the ring is Brunet's bounded broadcast: a link is in charge of all that comes behind it, up to the
 * next link. {@link ArcSplit} has parts meet half way instead.
 */
final class Trees {
    private static final OverlayId ONE = OverlayId.ZERO.withLowestBit(true);

    private Trees() {}

    /** The parts of an arc. */
    static List<ArcSplit.Part> split(TreeWire tree, Arc arc, OverlayId self, Collection<OverlayId> links) {
        return switch (tree) {
            case TREE_CLOCKWISE ->
                startsAt(arc, self) ? directed(arc, self, links, true) : ArcSplit.split(arc, self, links);
            case TREE_COUNTER_CLOCKWISE ->
                endsAt(arc, self) ? directed(arc, self, links, false) : ArcSplit.split(arc, self, links);
            default -> ArcSplit.split(arc, self, links);
        };
    }

    /** Whoever stands elsewhere, for somebody that was passed by, has to see to both sides of each link. */
    private static boolean startsAt(Arc arc, OverlayId self) {
        return arc.from().equals(self.minus(ONE)) || (arc.isWhole() && arc.to().equals(self));
    }

    private static boolean endsAt(Arc arc, OverlayId self) {
        return arc.to().equals(self);
    }

    private static List<ArcSplit.Part> directed(
            Arc arc, OverlayId self, Collection<OverlayId> links, boolean clockwise) {
        List<OverlayId> marks = new ArrayList<>();
        for (OverlayId link : links) {
            if (arc.contains(link) && !link.equals(self)) {
                marks.add(link);
            }
        }
        marks.sort((one, other) -> compare(arc, one, other));
        if (!clockwise) {
            Collections.reverse(marks);
        }
        List<ArcSplit.Part> parts = new ArrayList<>();
        for (int i = 0; i < marks.size(); i++) {
            OverlayId child = marks.get(i);
            boolean last = i == marks.size() - 1;
            if (clockwise) {
                OverlayId end = last ? endOf(arc, self) : marks.get(i + 1).minus(ONE);
                parts.add(new ArcSplit.Part(child, new Arc(child.minus(ONE), end)));
            } else {
                OverlayId start = last ? arc.from() : marks.get(i + 1);
                parts.add(new ArcSplit.Part(child, new Arc(start, child)));
            }
        }
        return parts;
    }

    /** The splitting member is in nobody's part: only where the whole ring is cut open does it lie at an end. */
    private static OverlayId endOf(Arc arc, OverlayId self) {
        return arc.to().equals(self) ? self.minus(ONE) : arc.to();
    }

    private static int compare(Arc arc, OverlayId one, OverlayId other) {
        // The whole ring contains the position where it is cut open: as its last one.
        OverlayId start = arc.from().plus(ONE);
        return start.clockwiseDistanceTo(one).compareTo(start.clockwiseDistanceTo(other));
    }
}

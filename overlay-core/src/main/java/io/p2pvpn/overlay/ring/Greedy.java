package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The one step of two-sided greedy routing: of the members that a node has links to, the nearest to a position. */
public final class Greedy {
    private static final int NONE = -1;

    private Greedy() {}

    /**
     * The nearest to a position, on either side; of two equally near ones the one after it.
     *
     * @param links by ring ID
     * @param usable whether one may be taken
     * @return null if none may
     */
    public static <T> @Nullable T nearest(Circle<T> links, OverlayId position, Predicate<? super T> usable) {
        int place = links.lowerBound(position);
        int after = first(links, place, true, usable);
        if (after == NONE) {
            return null;
        }
        int before = first(links, place, false, usable);
        boolean isBefore = before != NONE && isNearer(links.id(before), links.id(after), position);
        return links.value(isBefore ? before : after);
    }

    /** Whether one is strictly nearer to a position than another: what makes a step, so that routes cannot circle. */
    public static boolean isNearer(OverlayId one, OverlayId other, OverlayId position) {
        return position.ringDistanceTo(one).compareTo(position.ringDistanceTo(other)) < 0;
    }

    /** The first usable one on the way around. */
    private static <T> int first(Circle<T> links, int place, boolean clockwise, Predicate<? super T> usable) {
        for (int k = 0; k < links.size(); k++) {
            int i = links.around(place, k, clockwise);
            if (usable.test(links.value(i))) {
                return i;
            }
        }
        return NONE;
    }
}

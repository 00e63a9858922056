package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The one step of two-sided greedy routing: of the members that a node has links to, the nearest to a position. */
public final class Greedy {
    private Greedy() {}

    /**
     * The nearest to a position, on either side; of two equally near ones the one after it.
     *
     * @param links by ring ID
     * @param usable whether one may be taken
     * @return null if none may
     */
    public static <T> @Nullable T nearest(
            NavigableMap<OverlayId, T> links, OverlayId position, Predicate<? super T> usable) {
        Map.Entry<OverlayId, T> after = first(links.tailMap(position, true), links.headMap(position, false), usable);
        if (after == null) {
            return null;
        }
        NavigableMap<OverlayId, T> down = links.descendingMap();
        Map.Entry<OverlayId, T> before = first(down.tailMap(position, true), down.headMap(position, false), usable);
        if (before == null || !isNearer(before.getKey(), after.getKey(), position)) {
            return after.getValue();
        }
        return before.getValue();
    }

    /** Whether one is strictly nearer to a position than another: what makes a step, so that routes cannot circle. */
    public static boolean isNearer(OverlayId one, OverlayId other, OverlayId position) {
        return position.ringDistanceTo(one).compareTo(position.ringDistanceTo(other)) < 0;
    }

    /** The first usable one of one part, else of the other. */
    private static <T> Map.@Nullable Entry<OverlayId, T> first(
            Map<OverlayId, T> part, Map<OverlayId, T> rest, Predicate<? super T> usable) {
        Map.Entry<OverlayId, T> first = first(part, usable);
        return first == null ? first(rest, usable) : first;
    }

    private static <T> Map.@Nullable Entry<OverlayId, T> first(Map<OverlayId, T> part, Predicate<? super T> usable) {
        for (Map.Entry<OverlayId, T> entry : part.entrySet()) {
            if (usable.test(entry.getValue())) {
                return entry;
            }
        }
        return null;
    }
}

package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Notices that the ring around us has become another one, as when two parts grow together: of our neighbours at least
 * two, and at least half, were none when it was last noticed.
 */
final class Upheaval {
    private static final int NEW_MIN = 2;

    private SortedSet<OverlayId> known = new TreeSet<>();

    /** Whether there was one since the last one; always so at first. */
    boolean isSeenIn(Neighbourhood now) {
        SortedSet<OverlayId> others = now.others();
        long strangers =
                others.stream().filter(member -> !known.contains(member)).count();
        boolean isUpheaval = strangers >= NEW_MIN && 2 * strangers >= others.size();
        if (isUpheaval) {
            known = others;
        }
        return isUpheaval;
    }
}

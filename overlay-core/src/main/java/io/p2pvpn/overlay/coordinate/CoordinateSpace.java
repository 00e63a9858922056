package io.p2pvpn.overlay.coordinate;

import io.p2pvpn.overlay.id.OverlayId;
import org.jspecify.annotations.Nullable;

/** Finds this node's place from round trips that are measured anyway. Confined to the node's loop. */
public interface CoordinateSpace {
    /** Knows nothing and learns nothing. */
    CoordinateSpace NONE = new CoordinateSpace() {
        @Override
        public @Nullable Coordinate own() {
            return null;
        }

        @Override
        public void onSample(OverlayId peer, @Nullable Coordinate remote, long rttNanos) {
            // It has no use for it.
        }
    };

    /** Where this node stands now, or null if it does not know. */
    @Nullable
    Coordinate own();

    /**
     * A round trip was measured.
     *
     * @param peer the other node's ID
     * @param remote where the other node says that it stands; null if what it said is damaged
     * @param rttNanos the round trip
     */
    void onSample(OverlayId peer, @Nullable Coordinate remote, long rttNanos);
}

package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * The positions on the way clockwise from one to another, the first excluded and the last included; the whole ring if
 * both are equal. Immutable.
 */
record Arc(OverlayId from, OverlayId to) {
    private static final OverlayId ONE =
            OverlayId.of(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

    /** The positions that are nearer to {@code self} than to its neighbours. */
    static Arc zone(OverlayId before, OverlayId self, OverlayId after) {
        OverlayId back = before.clockwiseDistanceTo(self);
        OverlayId ahead = self.clockwiseDistanceTo(after);
        return before.equals(self) ? new Arc(self, self) : new Arc(self.minus(back.half()), self.plus(ahead.half()));
    }

    /** Its first position. */
    OverlayId first() {
        return from.plus(ONE);
    }

    boolean contains(OverlayId position) {
        return position.equals(to) || position.isBetween(from, to);
    }

    /** How far a position of this arc is from its start. */
    OverlayId offset(OverlayId position) {
        return from.clockwiseDistanceTo(position);
    }

    /** This arc {@code index} eighths of the ring further clockwise. */
    Arc shifted(int index) {
        return new Arc(from.plusFraction(index, DhtLimits.REPLICAS), to.plusFraction(index, DhtLimits.REPLICAS));
    }

    /** The part of this arc behind {@code position}, which is one of it but not the last. */
    Arc after(OverlayId position) {
        return new Arc(position, to);
    }
}

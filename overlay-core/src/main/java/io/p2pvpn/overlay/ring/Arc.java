package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * A half-open arc of the ring, clockwise: all positions after {@code from}, up to and including {@code to}. If both are
 * the same position, it is the whole ring. Immutable.
 *
 * @param from the position before the first one of the arc
 * @param to the last position of the arc
 */
public record Arc(OverlayId from, OverlayId to) {
    /** The number one: the distance of two positions that follow each other. */
    static final OverlayId STEP = OverlayId.ZERO.withLowestBit(true);

    /** The whole ring, cut open behind {@code at}. */
    public static Arc whole(OverlayId at) {
        return new Arc(at, at);
    }

    /** One position. */
    public static Arc only(OverlayId id) {
        return new Arc(id.minus(STEP), id);
    }

    /** True if this is the whole ring. */
    public boolean isWhole() {
        return from.equals(to);
    }

    /** True if the position lies in this arc. */
    public boolean contains(OverlayId id) {
        return isWhole() || id.equals(to) || id.isBetween(from, to);
    }

    /** True if every position of the other arc lies in this one. */
    public boolean contains(Arc other) {
        if (isWhole() || other.isWhole()) {
            return isWhole();
        }
        OverlayId start = from.clockwiseDistanceTo(other.from());
        OverlayId end = from.clockwiseDistanceTo(other.to());
        return start.compareTo(end) < 0 && end.compareTo(from.clockwiseDistanceTo(to)) <= 0;
    }

    /** The position in the middle. */
    public OverlayId middle() {
        return isWhole() ? from.plusFraction(1, 2) : between(from, to);
    }

    /** Orders two positions of this arc by how far they are from its start; 0 if they are the same. */
    int compare(OverlayId one, OverlayId other) {
        if (one.equals(other) || one.equals(from) || other.equals(from)) {
            // Only the whole ring contains the position where it is cut open: as its last one.
            return one.equals(other) ? 0 : one.equals(from) ? 1 : -1;
        }
        return from.clockwiseDistanceTo(one).compareTo(from.clockwiseDistanceTo(other));
    }

    /** Half way from one position clockwise to another, rounded down. */
    static OverlayId between(OverlayId one, OverlayId other) {
        return one.plus(one.clockwiseDistanceTo(other).half());
    }
}

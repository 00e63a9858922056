package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * Where and how a node asks for its place, in turn: the member that covers it, one a little further on either side,
 * and the first again by another way. A single one that lies, or swallows what it should forward, does not decide who
 * our neighbours are. Confined to the node's loop.
 */
final class PlaceQuestions {
    /** Mean gaps between us and the positions beside us: the lists of who stands there reach us as a rule. */
    private static final int GAPS_BESIDE = 2;

    /** A ring of fewer members needs no asking beside: every list names all of them. */
    private static final int SIZE_MIN = 2 * NeighbourTable.NEAR;

    private static final int KINDS = 4;

    /**
     * One question.
     *
     * @param position whose nearest member is asked
     * @param way which way it takes there, 0 for the best
     * @param isOurPlace it goes to the member that covers our place
     */
    record Question(OverlayId position, int way, boolean isOurPlace) {}

    private final OverlayId self;
    private final NeighbourTable table;
    private int asked;

    PlaceQuestions(OverlayId self, NeighbourTable table) {
        this.self = self;
        this.table = table;
    }

    /** Straight to the member that covers a place. */
    static Question plain(OverlayId self) {
        return new Question(self, 0, true);
    }

    /** The next in turn. */
    Question next() {
        int kind = asked++ % KINDS;
        int size = table.toldSize();
        boolean beside = (kind == 1 || kind == 2) && size > SIZE_MIN;
        if (!beside) {
            return new Question(self, kind == 0 ? 0 : 1, true);
        }
        OverlayId away = OverlayId.ZERO.plusFraction(GAPS_BESIDE, size);
        return new Question(kind == 1 ? self.plus(away) : self.minus(away), 0, false);
    }
}

package io.p2pvpn.dht;

/**
 * How to look up.
 *
 * @param signedAnswers each answer is signed by its responder over this question; others do not count. For decisions
 *     that rest on absence
 * @param first complete with the first record found instead of a majority's answers: for caches, where the newest
 *     record is not vital
 * @param one ask one position only, drawn at random: for looks that are repeated, where nothing hangs on a single one;
 *     never conclusive
 */
public record GetOptions(boolean signedAnswers, boolean first, boolean one) {
    /** A majority's merged answers. */
    public static final GetOptions MAJORITY = new GetOptions(false, false, false);

    /** The first record found, or a majority's absence. */
    public static final GetOptions FIRST = new GetOptions(false, true, false);

    /** A majority's merged answers, each signed. */
    public static final GetOptions SIGNED = new GetOptions(true, false, false);

    /** What one position knows, an eighth of the traffic. */
    public static final GetOptions ONE = new GetOptions(false, false, true);
}

package io.p2pvpn.dht;

/**
 * How to look up.
 *
 * @param signedAnswers each answer is signed by its responder over this question; others do not count. For decisions
 *     that rest on absence
 * @param first complete with the first record found instead of a majority's answers: for caches, where the newest
 *     record is not vital
 */
public record GetOptions(boolean signedAnswers, boolean first) {
    /** A majority's merged answers. */
    public static final GetOptions MAJORITY = new GetOptions(false, false);

    /** The first record found, or a majority's absence. */
    public static final GetOptions FIRST = new GetOptions(false, true);

    /** A majority's merged answers, each signed. */
    public static final GetOptions SIGNED = new GetOptions(true, false);
}

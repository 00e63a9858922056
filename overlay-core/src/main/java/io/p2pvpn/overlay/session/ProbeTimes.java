package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;

/** When the paths of one session are probed. Confined to the node's loop. */
final class ProbeTimes {
    private static final long MILLI_NANOS = 1_000_000L;
    /** Silence after which a path is taken for one over which nothing comes. */
    static final long SILENCE_NANOS = 5_000 * MILLI_NANOS;

    /** Unanswered probes after which a proven and silent path is dead. */
    private static final int PROBES_MAX = 8;
    /** Unanswered probes after which a path is dead though the peer is heard over it. */
    private static final int PROBES_HEARD_MAX = 24;

    private static final long CANDIDATE_GAP_NANOS = 100 * MILLI_NANOS;
    private static final long ANSWER_MIN_NANOS = 250 * MILLI_NANOS;
    private static final long ANSWER_MAX_NANOS = 1_000 * MILLI_NANOS;
    private static final int BACKOFF_DOUBLINGS_MAX = 3;
    private static final long MEASURE_FIRST_NANOS = 1_000 * MILLI_NANOS;
    private static final long MEASURE_NANOS = 15_000 * MILLI_NANOS;
    private static final long MEASURE_QUIET_NANOS = 60_000 * MILLI_NANOS;
    private static final long SPARE_NANOS = 30_000 * MILLI_NANOS;
    /** By so much the end with the smaller ID is quicker to probe a silent path. */
    private static final long LEAD_NANOS = 500 * MILLI_NANOS;

    private final Session session;
    private final SessionLayer layer;

    ProbeTimes(Session session, SessionLayer layer) {
        this.session = session;
        this.layer = layer;
    }

    /**
     * When the path needs a probe, or has failed to answer one.
     *
     * @param active the session's traffic goes over it
     */
    long dueNanos(Path path, boolean active) {
        int unanswered = path.probesUnanswered();
        if (unanswered > 0) {
            return path.probeSentNanos() + (path.isValidated() ? answerNanos(path, unanswered) : gapNanos(unanswered));
        }
        if (active) {
            long measure = session.epochs().areQuiet() ? MEASURE_QUIET_NANOS : MEASURE_NANOS;
            long keepalive = session.isWanted()
                    ? Math.min(
                            aligned(path.lastReceivedNanos() + session.keepalive.nanos(path) - leadNanos()),
                            measureAtNanos(path, measure))
                    : Long.MAX_VALUE;
            return path.isAwaiting()
                    ? Math.min(keepalive, path.awaitingSinceNanos() + answerNanos(path, 1))
                    : keepalive;
        }
        // What a relay carries falls back to the ring, whose paths keep nothing that could lapse.
        if (path.isValidated() && path.route().kind() == FrameRoute.Kind.RING && !session.isDirect()) {
            return Long.MAX_VALUE;
        }
        if (path.isValidated() && path.isKept()) {
            // Nothing else keeps it: a relay forgets what is idle for a minute.
            return measureAtNanos(path, MEASURE_NANOS);
        }
        return path.lastReceivedNanos() + (path.isValidated() ? SPARE_NANOS : CANDIDATE_GAP_NANOS);
    }

    /** Many sessions are probed when the node is awake anyway; and their answers come together, too. */
    private long aligned(long nanos) {
        return layer.runtime().timers().aligned(nanos);
    }

    /** Where both ends keep a session alive, one probe and its answer serve both. */
    private long leadNanos() {
        return layer.self().compareTo(session.nodeId()) < 0 ? LEAD_NANOS : 0;
    }

    /** Traffic makes keepalives needless, but the round trip is wanted all the same. */
    private long measureAtNanos(Path path, long afterNanos) {
        return path.rttNanos() < 0
                ? path.createdNanos() + MEASURE_FIRST_NANOS
                : aligned(path.probeSentNanos() + session.keepalive.measureNanos(path, afterNanos));
    }

    /** Frames of the peer prove half of the path: then lost answers are a weaker sign. */
    static int probesMax(Path path, long nowNanos) {
        return nowNanos - path.lastReceivedNanos() > SILENCE_NANOS ? PROBES_MAX : PROBES_HEARD_MAX;
    }

    private static long gapNanos(int unanswered) {
        return CANDIDATE_GAP_NANOS << Math.min(unanswered - 1, BACKOFF_DOUBLINGS_MAX);
    }

    private static long answerNanos(Path path, int unanswered) {
        long first = Math.max(ANSWER_MIN_NANOS, 2 * path.rttNanos());
        return Math.min(first << Math.min(unanswered - 1, BACKOFF_DOUBLINGS_MAX), Math.max(first, ANSWER_MAX_NANOS));
    }
}

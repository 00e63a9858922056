package io.p2pvpn.crawler.mapreduce;

/** Why nothing is known of a part of the ring. The numbers are the wire's. */
public enum GapReason {
    /** A member did not even take what it was handed. */
    SILENT(1),
    /** A member took nothing: it does not know the task, or has been asked for too much. */
    REFUSED(2),
    /** The answer was not there in time. */
    DEADLINE(3),
    /** The answer would have been larger than allowed. */
    TOO_LARGE(4),
    /** The answer cannot be right. */
    MALFORMED(5),
    /** The session with a member ended while it was at work. */
    LOST(6),
    /** The member's own map failed. */
    FAILED(7),
    /** More answers would not have changed the result. */
    NOT_NEEDED(8),
    /** A reason that this version does not know. */
    UNKNOWN(0);

    private final int number;

    GapReason(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static GapReason of(int number) {
        for (GapReason each : values()) {
            if (each.number == number) {
                return each;
            }
        }
        return UNKNOWN;
    }

    /** In words, for people. */
    public String text() {
        return switch (this) {
            case SILENT -> "silent";
            case REFUSED -> "refused";
            case DEADLINE -> "deadline";
            case TOO_LARGE -> "too large";
            case MALFORMED -> "malformed answer";
            case LOST -> "lost on the way";
            case FAILED -> "failed";
            case NOT_NEEDED -> "not needed";
            case UNKNOWN -> "unknown";
        };
    }

    /** True if the member may only be slow, or gone. */
    public boolean isLagging() {
        return this == SILENT || this == DEADLINE || this == LOST;
    }
}

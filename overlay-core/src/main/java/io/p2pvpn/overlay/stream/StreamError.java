package io.p2pvpn.overlay.stream;

import java.util.Locale;

/** Why a stream, or one direction of it, ended before its time. The message is for people. */
public final class StreamError {
    /** What an application may give as a code, at most. */
    public static final int APPLICATION_CODE_MAX = 1 << 30;

    private static final long APPLICATION_BASE = 256;

    /** Who ends it, and for which kind of reason. */
    public enum Kind {
        /** The application let go of it. */
        CLOSED(0, "the other end has let go of it"),
        /** Who opens it is not, or not yet, known as a member. */
        NOT_A_MEMBER(1, "not a member (yet)"),
        /** Nobody serves that there. */
        NO_SERVICE(2, "nobody serves that there"),
        /** There are too many already. */
        TOO_MANY(3, "too many streams"),
        /** The application has a reason of its own. */
        APPLICATION(APPLICATION_BASE, "reset by the application"),
        /** The session is over. */
        SESSION_ENDED(-1, "the session ended"),
        /** The peer knows nothing of this stream any more. */
        PEER_FORGOT(-1, "the peer has lost the session"),
        /** No answer. */
        NO_ANSWER(-1, "no answer"),
        /** Something that this version does not know. */
        UNKNOWN(-1, "refused");

        private final long code;
        private final String text;

        Kind(long code, String text) {
            this.code = code;
            this.text = text;
        }
    }

    private final Kind kind;
    private final long code;
    private final String text;

    private StreamError(Kind kind, long code, String text) {
        this.kind = kind;
        this.code = code;
        this.text = text;
    }

    /** Of this kind. */
    public static StreamError of(Kind kind) {
        return new StreamError(kind, kind.code, kind.text);
    }

    /** The session ended for that reason. */
    static StreamError sessionEnded(String reason) {
        return new StreamError(Kind.SESSION_ENDED, -1, "the session ended: " + reason);
    }

    /**
     * An application's own.
     *
     * @param code 0 to {@link #APPLICATION_CODE_MAX}
     */
    public static StreamError ofApplication(int code) {
        if (code < 0 || code > APPLICATION_CODE_MAX) {
            throw new IllegalArgumentException("code " + code);
        }
        return new StreamError(
                Kind.APPLICATION, APPLICATION_BASE + code, String.format(Locale.ROOT, "reset with code %d", code));
    }

    /** As it is on the wire. */
    static StreamError ofWire(long wire) {
        if (wire >= APPLICATION_BASE && wire <= APPLICATION_BASE + APPLICATION_CODE_MAX) {
            return ofApplication((int) (wire - APPLICATION_BASE));
        }
        for (Kind kind : Kind.values()) {
            if (kind.code == wire && wire >= 0) {
                return of(kind);
            }
        }
        return new StreamError(Kind.UNKNOWN, wire, "refused for reason " + wire);
    }

    /** What kind it is. */
    public Kind kind() {
        return kind;
    }

    /** The application's code; -1 if it is not the application's. */
    public int applicationCode() {
        return kind == Kind.APPLICATION ? (int) (code - APPLICATION_BASE) : -1;
    }

    /** As it goes on the wire; what is not for the wire goes as {@link Kind#CLOSED}. */
    long wire() {
        return Math.max(0, code);
    }

    @Override
    public String toString() {
        return text;
    }
}

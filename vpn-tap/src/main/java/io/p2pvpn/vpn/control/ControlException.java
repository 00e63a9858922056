package io.p2pvpn.vpn.control;

/**
 * Why a daemon could not do what was asked. The message is one line for a person and says what to do about it; the
 * {@link Kind} decides the command's exit code and the HTTP status.
 */
public final class ControlException extends Exception {
    /** The kinds of failure that a caller can tell apart. */
    public enum Kind {
        /** It failed; the message says why. */
        FAILED(1, 500),
        /** What was named (a peer, a namespace) is not known here. */
        NOT_FOUND(1, 404),
        /** The request cannot be right. */
        WRONG_USAGE(2, 400),
        /** No daemon listens on the control socket. */
        NO_DAEMON(3, 503),
        /** Needs root, a capability or membership. */
        NOT_PERMITTED(4, 403),
        /** Nothing answered in time, or it could not be established. */
        TIMED_OUT(5, 504),
        /** Waits for an administrator's approval. */
        WAITING_FOR_APPROVAL(6, 409);

        private final int exitCode;
        private final int httpStatus;

        Kind(int exitCode, int httpStatus) {
            this.exitCode = exitCode;
            this.httpStatus = httpStatus;
        }

        /** The exit code of a command that ends by this. */
        public int exitCode() {
            return exitCode;
        }

        /** The status code of the HTTP answer. */
        public int httpStatus() {
            return httpStatus;
        }

        /** The kind behind an HTTP status; {@link #FAILED} for one that no kind has. */
        public static Kind ofHttpStatus(int status) {
            for (Kind kind : values()) {
                if (kind.httpStatus == status) {
                    return kind;
                }
            }
            return FAILED;
        }
    }

    private final Kind kind;

    /** A failure with its one-line message. */
    public ControlException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** A failure with its one-line message and what led to it. */
    public ControlException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of failure it is. */
    public Kind kind() {
        return kind;
    }
}

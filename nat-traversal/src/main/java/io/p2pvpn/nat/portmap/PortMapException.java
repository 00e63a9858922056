package io.p2pvpn.nat.portmap;

/** A mapping was not had. */
final class PortMapException extends Exception {
    /** How it failed. */
    enum Kind {
        /** Nobody answered, or nobody that speaks this protocol. */
        NO_ANSWER,
        /** The gateway said no. */
        REFUSED
    }

    private final Kind kind;
    private final int code;

    PortMapException(Kind kind, String message) {
        this(kind, message, 0);
    }

    /** With the result code of the protocol, 0 for none. */
    PortMapException(Kind kind, String message, int code) {
        super(message, null, false, false);
        this.kind = kind;
        this.code = code;
    }

    Kind kind() {
        return kind;
    }

    int code() {
        return code;
    }
}

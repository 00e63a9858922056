package io.p2pvpn.nat.portmap;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

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

    /** The one behind a failure of a future, or null if that is of another kind. */
    static @Nullable PortMapException in(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof PortMapException known ? known : null;
    }

    Kind kind() {
        return kind;
    }

    int code() {
        return code;
    }
}

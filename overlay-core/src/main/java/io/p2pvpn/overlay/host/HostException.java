package io.p2pvpn.overlay.host;

import org.jspecify.annotations.Nullable;

/** The host refused something; the message says what, and what its user can do about it. */
public final class HostException extends Exception {
    /** A failure without a cause worth showing. */
    public HostException(String message) {
        super(message);
    }

    /** A failure with the exception behind it. */
    public HostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

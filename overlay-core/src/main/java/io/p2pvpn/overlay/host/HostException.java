package io.p2pvpn.overlay.host;

import org.jspecify.annotations.Nullable;

/** The host refused something; the message says what, and what its user can do about it. */
public final class HostException extends Exception {
    private final boolean notPermitted;

    /** A failure without a cause worth showing. */
    public HostException(String message) {
        this(message, null);
    }

    /** A failure with the exception behind it. */
    public HostException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    private HostException(String message, @Nullable Throwable cause, boolean notPermitted) {
        super(message, cause);
        this.notPermitted = notPermitted;
    }

    /** A failure of somebody who does not know a secret. */
    static HostException notPermitted(String message) {
        return new HostException(message, null, true);
    }

    /** Whether a secret is missing or wrong, rather than something of the host. */
    public boolean isNotPermitted() {
        return notPermitted;
    }
}

package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.stream.StreamError;
import java.io.IOException;

/** A stream, or one direction of it, ended before its time. */
public final class StreamException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient StreamError error;

    StreamException(StreamError error) {
        super(error.toString());
        this.error = error;
    }

    /** Which kind of reason it was. */
    public StreamError.Kind reason() {
        return error.kind();
    }

    /** What the application at the other end gave {@link VpnStream#reset}; -1 if it was not that. */
    public int applicationCode() {
        return error.applicationCode();
    }
}

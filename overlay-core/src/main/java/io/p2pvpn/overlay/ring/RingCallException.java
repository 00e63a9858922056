package io.p2pvpn.overlay.ring;

/** A call over the ring had no answer in time, or could not be sent. */
public final class RingCallException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message what was called and what went wrong */
    public RingCallException(String message) {
        super(message, null, false, false);
    }
}

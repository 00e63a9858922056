package io.p2pvpn.overlay.rpc;

/** A request had no reply, or was refused; the message is for people. */
public final class CallException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message what went wrong */
    public CallException(String message) {
        super(message, null, false, false);
    }
}

package io.p2pvpn.overlay.noise;

/** The two keys a completed handshake yields; both parties hold both. The text form shows neither. */
public final class TransportKeys {

    private final byte[] initiatorToResponder;
    private final byte[] responderToInitiator;

    /** Takes the arrays as this object's own. */
    TransportKeys(byte[] initiatorToResponder, byte[] responderToInitiator) {
        this.initiatorToResponder = initiatorToResponder;
        this.responderToInitiator = responderToInitiator;
    }

    /** {@link CipherSuite#KEY_BYTES} bytes, a copy, for what the initiator sends. */
    public byte[] initiatorToResponder() {
        return initiatorToResponder.clone();
    }

    /** {@link CipherSuite#KEY_BYTES} bytes, a copy, for what the responder sends. */
    public byte[] responderToInitiator() {
        return responderToInitiator.clone();
    }
}

package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import org.jspecify.annotations.Nullable;

/** Who may be in a private ring. The public ring has none: there everybody may. */
public interface RingAdmission {
    /**
     * Proof that we are a member, bound to one handshake so that it is worth nothing in another session.
     *
     * @param handshakeHash the session's handshake
     */
    byte[] prove(byte[] handshakeHash);

    /**
     * Checks a peer's proof.
     *
     * @return the peer's ID in this ring, or null if it is no member
     */
    @Nullable
    OverlayId verify(PublicIdentity peer, byte[] handshakeHash, byte[] proof);

    /** A few bytes for the other members' convenience (our virtual address); trusted by nobody. */
    byte[] note();
}

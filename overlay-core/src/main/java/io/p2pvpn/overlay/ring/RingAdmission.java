package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.session.Session;
import java.util.concurrent.CompletableFuture;
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

    /**
     * Whether a peer that {@link #verify} might find no member is, or was, one all the same: it may know what we do
     * not.
     */
    boolean isAcquainted(PublicIdentity peer, byte[] handshakeHash, byte[] proof);

    /**
     * Whether a peer that was found a member still is one. Asked again when {@link Ring#reviewMembers} is called.
     *
     * @param peer who once passed {@link #verify}
     */
    default boolean isStillMember(PublicIdentity peer) {
        return true;
    }

    /**
     * Names, in at most {@link #EPOCH_BYTES_MAX} bytes, all that we know of who is no member any more: a peer that
     * names something else knows something else. Empty: nothing.
     */
    default byte[] epoch() {
        return new byte[0];
    }

    /**
     * Learns what a peer knows beyond that, before it is judged.
     *
     * @return done when we know; exceptionally if the peer did not say
     */
    default CompletableFuture<@Nullable Void> learnFrom(Session peer) {
        return CompletableFuture.completedFuture(null);
    }

    /** The most bytes of an epoch. */
    int EPOCH_BYTES_MAX = 32;

    /** A few bytes for the other members' convenience (our virtual address); trusted by nobody. */
    byte[] note();
}

package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.RingAdmission;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Admission to a namespace's ring: a signature over the handshake by the member's identity key, followed by its
 * credential, which an open namespace does without.
 */
final class NamespaceAdmission implements RingAdmission {
    private static final String CONTEXT = "p2pvpn admission v1";

    private final NamespaceTrust trust;
    private final Identity identity;
    private final Supplier<byte[]> note;
    private final Function<Session, CompletableFuture<@Nullable Void>> teacher;

    /** @param teacher learns what a peer knows of who is a member */
    NamespaceAdmission(
            NamespaceTrust trust,
            Identity identity,
            Supplier<byte[]> note,
            Function<Session, CompletableFuture<@Nullable Void>> teacher) {
        this.trust = trust;
        this.identity = identity;
        this.note = note;
        this.teacher = teacher;
    }

    @Override
    public byte[] prove(byte[] handshakeHash) {
        byte[] signature = identity.sign(CONTEXT, bound(trust.descriptor(), handshakeHash));
        byte[] credential = trust.credential();
        byte[] proof = Arrays.copyOf(signature, signature.length + credential.length);
        System.arraycopy(credential, 0, proof, signature.length, credential.length);
        return proof;
    }

    @Override
    public @Nullable OverlayId verify(PublicIdentity peer, byte[] handshakeHash, byte[] proof) {
        return isSigned(peer, handshakeHash, proof) ? trust.admit(peer, shown(proof)) : null;
    }

    /** True if the peer's credential is right, whether it still counts or not: it may know what is decided. */
    @Override
    public boolean isAcquainted(PublicIdentity peer, byte[] handshakeHash, byte[] proof) {
        if (!isSigned(peer, handshakeHash, proof)) {
            return false;
        }
        var credential = trust.parse(shown(proof));
        return trust.descriptor().open() || (credential != null && credential.isOf(peer.signingKey()));
    }

    private boolean isSigned(PublicIdentity peer, byte[] handshakeHash, byte[] proof) {
        return proof.length >= PublicIdentity.SIGNATURE_BYTES
                && peer.verify(
                        CONTEXT,
                        bound(trust.descriptor(), handshakeHash),
                        Arrays.copyOf(proof, PublicIdentity.SIGNATURE_BYTES));
    }

    private static byte[] shown(byte[] proof) {
        return Arrays.copyOfRange(proof, PublicIdentity.SIGNATURE_BYTES, proof.length);
    }

    @Override
    public boolean isStillMember(PublicIdentity peer) {
        return trust.isStillMember(peer);
    }

    @Override
    public byte[] epoch() {
        return trust.state().digest();
    }

    @Override
    public CompletableFuture<@Nullable Void> learnFrom(Session peer) {
        return teacher.apply(peer);
    }

    @Override
    public byte[] note() {
        return note.get();
    }

    private static byte[] bound(NamespaceDescriptor descriptor, byte[] handshakeHash) {
        byte[] id = descriptor.id().toByteArray();
        byte[] bound = Arrays.copyOf(id, id.length + handshakeHash.length);
        System.arraycopy(handshakeHash, 0, bound, id.length, handshakeHash.length);
        return bound;
    }
}

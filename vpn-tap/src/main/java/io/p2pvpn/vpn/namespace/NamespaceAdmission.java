package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.RingAdmission;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.vpn.trust.MemberCertificate;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Admission to a namespace's ring: a signature over the handshake by the member's identity key, followed by its
 * certificate, which an open namespace does without. Immutable but for what its suppliers give.
 */
final class NamespaceAdmission implements RingAdmission {
    private static final String CONTEXT = "p2pvpn admission v1";

    private final NamespaceDescriptor descriptor;
    private final Identity identity;
    private final byte[] certificate;
    private final Clock clock;
    private final Supplier<byte[]> note;

    NamespaceAdmission(
            NamespaceDescriptor descriptor, Identity identity, byte[] certificate, Clock clock, Supplier<byte[]> note) {
        this.descriptor = descriptor;
        this.identity = identity;
        this.certificate = certificate.clone();
        this.clock = clock;
        this.note = note;
    }

    @Override
    public byte[] prove(byte[] handshakeHash) {
        byte[] signature = identity.sign(CONTEXT, bound(handshakeHash));
        byte[] proof = Arrays.copyOf(signature, signature.length + certificate.length);
        System.arraycopy(certificate, 0, proof, signature.length, certificate.length);
        return proof;
    }

    @Override
    public @Nullable OverlayId verify(PublicIdentity peer, byte[] handshakeHash, byte[] proof) {
        if (proof.length < PublicIdentity.SIGNATURE_BYTES) {
            return null;
        }
        byte[] signature = Arrays.copyOf(proof, PublicIdentity.SIGNATURE_BYTES);
        byte[] shown = Arrays.copyOfRange(proof, PublicIdentity.SIGNATURE_BYTES, proof.length);
        boolean member = peer.verify(CONTEXT, bound(handshakeHash), signature) && entitles(shown, peer);
        return member ? peer.privateId(descriptor.salt()) : null;
    }

    /** True if this certificate (or the namespace's openness) makes {@code holder} a member. */
    boolean entitles(byte[] shown, PublicIdentity holder) {
        if (descriptor.open()) {
            return true;
        }
        MemberCertificate verified = MemberCertificate.verify(shown, descriptor.caKey(), clock.epochMillis());
        return verified != null && Arrays.equals(verified.memberKey(), holder.signingKey());
    }

    @Override
    public byte[] note() {
        return note.get();
    }

    private byte[] bound(byte[] handshakeHash) {
        byte[] id = descriptor.id().toByteArray();
        byte[] bound = Arrays.copyOf(id, id.length + handshakeHash.length);
        System.arraycopy(handshakeHash, 0, bound, id.length, handshakeHash.length);
        return bound;
    }
}

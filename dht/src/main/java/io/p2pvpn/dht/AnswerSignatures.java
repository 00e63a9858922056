package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.wire.proto.GetReply;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.noise.Digests;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Signs and verifies answers to look-ups, so that "absent" can be believed: it is said by somebody, now. */
final class AnswerSignatures {
    private static final String CONTEXT = "p2pvpn dht answer v1";

    private final byte[] ringId;
    private final Identity identity;
    private final IdentityCache identities;

    AnswerSignatures(byte[] ringId, Identity identity, IdentityCache identities) {
        this.ringId = ringId.clone();
        this.identity = identity;
        this.identities = identities;
    }

    void sign(GetReply.Builder reply, OverlayId key, OverlayId position, ByteString nonce) {
        byte[] signature = identity.sign(CONTEXT, signedBytes(key, position, nonce, reply.getAnswer()));
        reply.setResponder(ByteString.copyFrom(identity.publicIdentity().encode()))
                .setSignature(ByteString.copyFrom(signature));
    }

    /** Who signed the answer to this question, or null if nobody did. */
    @Nullable
    PublicIdentity verify(GetReply reply, OverlayId key, OverlayId position, ByteString nonce) {
        PublicIdentity responder = identities.parse(reply.getResponder());
        if (responder == null) {
            return null;
        }
        byte[] signed = signedBytes(key, position, nonce, reply.getAnswer());
        return responder.verify(CONTEXT, signed, reply.getSignature().toByteArray()) ? responder : null;
    }

    /** Length of the ring id || ring id || key || position || nonce || SHA-256(answer). */
    private byte[] signedBytes(OverlayId key, OverlayId position, ByteString nonce, ByteString answer) {
        ByteBuffer bytes = ByteBuffer.allocate(
                Integer.BYTES + ringId.length + 2 * OverlayId.BYTES + nonce.size() + Digests.HASH_BYTES);
        bytes.putInt(ringId.length).put(ringId).put(key.toByteArray()).put(position.toByteArray());
        nonce.copyTo(bytes);
        return bytes.put(Digests.sha256(answer.toByteArray())).array();
    }
}

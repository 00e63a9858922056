package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Signs and verifies the records of one ring. */
final class RecordCodec {
    private static final String CONTEXT = "p2pvpn dht record v1";

    /** A verified record, or why there is none. */
    record Parsed(@Nullable DhtRecord record, PutStatus refusal) {}

    private final byte[] ringId;
    private final IdentityCache identities;
    private final VerifiedRecords verified;

    RecordCodec(byte[] ringId, IdentityCache identities) {
        this(new VerifiedRecords(ringId, DhtLimits.VERIFIED_CACHE_MAX), identities);
    }

    RecordCodec(VerifiedRecords verified, IdentityCache identities) {
        this.ringId = verified.ringId();
        this.identities = identities;
        this.verified = verified;
    }

    /** Signs a content, whose version and owner are filled in here. */
    DhtRecord sign(Identity identity, OverlayId key, RecordContent.Builder draft) {
        PublicIdentity owner = identity.publicIdentity();
        RecordContent content = draft.setVersion(DhtLimits.RECORD_VERSION)
                .setKey(ByteString.copyFrom(key.toByteArray()))
                .setOwner(ByteString.copyFrom(owner.encode()))
                .build();
        ByteString bytes = content.toByteString();
        SignedRecord signed = SignedRecord.newBuilder()
                .setContent(bytes)
                .setSignature(ByteString.copyFrom(identity.sign(CONTEXT, signedBytes(bytes))))
                .build();
        return new DhtRecord(content, signed, key, owner);
    }

    /**
     * Verifies a record.
     *
     * @param isHeld says that just this record was verified before, which spares the signature
     */
    Parsed parse(SignedRecord received, Predicate<DhtRecord> isHeld) {
        SignedRecord signed = withoutUnknownFields(received);
        if (signed.getContent().size() > DhtLimits.CONTENT_BYTES_MAX
                || signed.getSignature().size() != PublicIdentity.SIGNATURE_BYTES) {
            return refused(PutStatus.INVALID);
        }
        DhtRecord known = verified.get(signed);
        if (known != null) {
            return new Parsed(known, PutStatus.STORED);
        }
        RecordContent content;
        try {
            content = RecordContent.parseFrom(signed.getContent());
        } catch (InvalidProtocolBufferException e) {
            return refused(PutStatus.INVALID);
        }
        if (content.getVersion() > DhtLimits.RECORD_VERSION) {
            return refused(PutStatus.VERSION);
        }
        if (!isWellFormed(content)) {
            return refused(PutStatus.INVALID);
        }
        PublicIdentity owner = identities.parse(content.getOwner());
        if (owner == null) {
            return refused(PutStatus.INVALID);
        }
        OverlayId key = OverlayId.of(content.getKey().toByteArray());
        DhtRecord record = new DhtRecord(content, signed, key, owner);
        if (!isHeld.test(record)
                && !owner.verify(
                        CONTEXT,
                        signedBytes(signed.getContent()),
                        signed.getSignature().toByteArray())) {
            return refused(PutStatus.INVALID);
        }
        verified.put(signed, record);
        return new Parsed(record, PutStatus.STORED);
    }

    /** They are not signed: whoever passed the record on could have made it too long to be answered. */
    private static SignedRecord withoutUnknownFields(SignedRecord received) {
        return received.getUnknownFields().getSerializedSize() == 0
                ? received
                : SignedRecord.newBuilder()
                        .setContent(received.getContent())
                        .setSignature(received.getSignature())
                        .build();
    }

    /** The same for a record that is in nobody's store; null if it is refused. */
    @Nullable
    DhtRecord parseOrNull(SignedRecord signed) {
        return parse(signed, unused -> false).record();
    }

    private static Parsed refused(PutStatus status) {
        return new Parsed(null, status);
    }

    private static boolean isWellFormed(RecordContent content) {
        boolean sizes = content.getVersion() != 0
                && content.getKey().size() == OverlayId.BYTES
                && content.getOwner().size() == PublicIdentity.ENCODED_BYTES
                && content.getValue().size() <= DhtLimits.VALUE_BYTES_MAX
                && content.getCredential().size() <= DhtLimits.CREDENTIAL_BYTES_MAX;
        boolean times = content.getSequence() > 0
                && content.getCreatedEpochMillis() > 0
                && content.getTtlSeconds() >= DhtLimits.TTL_SECONDS_MIN
                && content.getTtlSeconds() <= DhtLimits.TTL_SECONDS_MAX;
        return sizes && times && isConsistent(content);
    }

    private static boolean isConsistent(RecordContent content) {
        boolean claim = content.getKind() == RecordKindWire.RECORD_KIND_CLAIM;
        if (!claim && content.getKind() != RecordKindWire.RECORD_KIND_PLAIN) {
            return false;
        }
        if (content.getTombstone()) {
            return content.getValue().isEmpty() && !content.getTentative();
        }
        return !content.getTentative() || (claim && content.getTtlSeconds() <= DhtLimits.TENTATIVE_TTL_SECONDS);
    }

    /** Length of the ring id || ring id || content: a record of one ring verifies in no other. */
    private byte[] signedBytes(ByteString content) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + ringId.length + content.size());
        bytes.putInt(ringId.length).put(ringId);
        content.copyTo(bytes);
        return bytes.array();
    }
}

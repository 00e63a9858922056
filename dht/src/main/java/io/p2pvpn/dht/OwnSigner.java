package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;

/** Makes the records of one identity, this node's as a rule, each with a larger sequence number than the last. */
final class OwnSigner {
    private final DhtContext context;
    private final Identity identity;
    private ByteString credential = ByteString.EMPTY;
    private long lastSequence;

    OwnSigner(DhtContext context, Identity identity) {
        this.context = context;
        this.identity = identity;
    }

    void setCredential(byte[] bytes) {
        credential = ByteString.copyFrom(bytes);
    }

    /** A plain record, or a confirmed claim. */
    DhtRecord record(DhtRecord.Kind kind, OverlayId key, ByteString value, int ttlSeconds) {
        return sign(key, draft(kind, ttlSeconds).setValue(value));
    }

    /** A claim that asks. */
    DhtRecord tentative(OverlayId key, ByteString value) {
        RecordContent.Builder draft = draft(DhtRecord.Kind.CLAIM, DhtLimits.TENTATIVE_TTL_SECONDS);
        return sign(key, draft.setValue(value).setTentative(true));
    }

    /** Removes a record; it stands as long as the record might. */
    DhtRecord tombstone(DhtRecord.Kind kind, OverlayId key, int ttlSeconds) {
        return sign(key, draft(kind, ttlSeconds).setTombstone(true));
    }

    /** Someone knows a record of ours with this number: the next ones are larger. */
    void learn(long sequence) {
        lastSequence = Math.max(lastSequence, sequence);
    }

    private RecordContent.Builder draft(DhtRecord.Kind kind, int ttlSeconds) {
        // The wall clock makes numbers grow over restarts without a file; learn() helps where it was set back.
        lastSequence = Math.max(lastSequence + 1, context.epochMillis());
        return RecordContent.newBuilder()
                .setKind(
                        kind == DhtRecord.Kind.CLAIM
                                ? RecordKindWire.RECORD_KIND_CLAIM
                                : RecordKindWire.RECORD_KIND_PLAIN)
                .setSequence(lastSequence)
                .setCreatedEpochMillis(context.epochMillis())
                .setTtlSeconds(ttlSeconds)
                .setCredential(credential);
    }

    private DhtRecord sign(OverlayId key, RecordContent.Builder draft) {
        return context.codec().sign(identity, key, draft);
    }
}

package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import java.util.List;
import java.util.Optional;

/** Bodies of {@code dht.put} that nobody sends who keeps to the rules. */
public final class HostileRecords {
    private static final int TTL_SECONDS = 600;

    private HostileRecords() {}

    /** A confirmed claim, rightly signed. */
    public static SignedRecord claim(
            Identity owner, byte[] ringId, OverlayId key, byte[] value, byte[] credential, long epochMillis) {
        RecordContent.Builder draft = RecordContent.newBuilder()
                .setKind(RecordKindWire.RECORD_KIND_CLAIM)
                .setSequence(epochMillis)
                .setCreatedEpochMillis(epochMillis)
                .setTtlSeconds(TTL_SECONDS)
                .setValue(ByteString.copyFrom(value))
                .setCredential(ByteString.copyFrom(credential));
        return new RecordCodec(ringId, new IdentityCache())
                .sign(owner, key, draft)
                .signed();
    }

    /** Somebody's record with another value and a larger number; nobody has signed that. */
    public static SignedRecord overwritten(DhtRecord record, byte[] value) {
        RecordContent newer = content(record.signed()).toBuilder()
                .setSequence(record.sequence() + 1)
                .setValue(ByteString.copyFrom(value))
                .build();
        return record.signed().toBuilder().setContent(newer.toByteString()).build();
    }

    /** A record that names another owner than the one who has signed it. */
    public static SignedRecord inTheNameOf(PublicIdentity victim, SignedRecord record) {
        RecordContent named = content(record).toBuilder()
                .setOwner(ByteString.copyFrom(victim.encode()))
                .build();
        return record.toBuilder().setContent(named.toByteString()).build();
    }

    private static RecordContent content(SignedRecord record) {
        try {
            return RecordContent.parseFrom(record.getContent());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** The body that puts it. */
    public static byte[] put(SignedRecord record) {
        return PutRequest.newBuilder()
                .setStored(StoredRecord.newBuilder().setRecord(record).setRemainingMillis(TTL_SECONDS * 1000L))
                .build()
                .toByteArray();
    }

    /** One of a key's positions to which a member is nearer than the others; empty if it covers none. */
    public static Optional<OverlayId> positionCoveredBy(OverlayId key, OverlayId member, List<OverlayId> others) {
        return DhtKeys.positions(key).stream()
                .filter(position -> others.stream()
                        .allMatch(
                                other -> position.ringDistanceTo(member).compareTo(position.ringDistanceTo(other)) < 0))
                .findFirst();
    }
}

package io.p2pvpn.dht;

import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;

/** One owner's signed record of one key. Immutable; whoever holds one knows that its signature was verified. */
public final class DhtRecord {
    /** How records of one key live together. */
    public enum Kind {
        /** Records of many owners stand side by side. */
        PLAIN,
        /** One owner holds the key. */
        CLAIM
    }

    private final RecordContent content;
    private final SignedRecord signed;
    private final OverlayId key;
    private final PublicIdentity owner;

    DhtRecord(RecordContent content, SignedRecord signed, OverlayId key, PublicIdentity owner) {
        this.content = content;
        this.signed = signed;
        this.key = key;
        this.owner = owner;
    }

    /** The key it is kept under. */
    public OverlayId key() {
        return key;
    }

    /** Who signed it. */
    public PublicIdentity owner() {
        return owner;
    }

    /** How it lives with records of other owners. */
    public Kind kind() {
        return content.getKind() == RecordKindWire.RECORD_KIND_CLAIM ? Kind.CLAIM : Kind.PLAIN;
    }

    /** Of two records of one owner under one key the larger number is the newer. */
    public long sequence() {
        return content.getSequence();
    }

    /** When the owner signed it, by the owner's wall clock. */
    public long createdEpochMillis() {
        return content.getCreatedEpochMillis();
    }

    /** How long it lives from then on. */
    public int ttlSeconds() {
        return content.getTtlSeconds();
    }

    /** What it says, a copy; empty for a tombstone. */
    public byte[] value() {
        return content.getValue().toByteArray();
    }

    /** What entitles the owner to put it (a membership certificate, say), a copy; opaque here, maybe empty. */
    public byte[] credential() {
        return content.getCredential().toByteArray();
    }

    /** True when it says that the owner's record is removed. */
    public boolean isTombstone() {
        return content.getTombstone();
    }

    /** True for a claim that its owner does not hold yet. */
    public boolean isTentative() {
        return content.getTentative();
    }

    /** Short form for logs: kind, key, owner, sequence number. */
    @Override
    public String toString() {
        return kind() + " " + key.toShortString() + " of " + owner + " #" + sequence();
    }

    /** True for what readers see: neither a tombstone nor a claim that is not confirmed. */
    boolean isVisible() {
        return !isTombstone() && !isTentative();
    }

    boolean isClaim() {
        return kind() == Kind.CLAIM;
    }

    long ttlMillis() {
        return ttlSeconds() * 1000L;
    }

    SignedRecord signed() {
        return signed;
    }

    int sizeBytes() {
        return signed.getSerializedSize();
    }

    /** The owner as the key of maps: two identities with one signing key are one owner. */
    OverlayId ownerId() {
        return owner.nodeId();
    }

    boolean isSameAs(DhtRecord other) {
        return signed.getContent().equals(other.signed.getContent());
    }
}

package io.p2pvpn.vpn.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.vpn.wire.proto.SignedTrust;
import io.p2pvpn.vpn.wire.proto.TrustAuthority;
import io.p2pvpn.vpn.wire.proto.TrustBan;
import io.p2pvpn.vpn.wire.proto.TrustContent;
import io.p2pvpn.vpn.wire.proto.TrustLift;
import io.p2pvpn.vpn.wire.proto.TrustRules;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * One signed decision of an administrator or the authority of a namespace: that somebody is put out, or may come back,
 * what members let in from each other, or that another key speaks for the namespace. Its signature was found right;
 * whether the signer may decide that is for {@link TrustState} to say. Immutable.
 */
public final class TrustEntry {
    /** Length of the longest encoding that is looked at, in bytes. */
    public static final int ENCODED_BYTES_MAX = 12 * 1024;

    private static final int VERSION = 1;
    private static final String CONTEXT = "p2pvpn trust entry v1";
    private static final String AUTHORITY_CONTEXT = "p2pvpn authority v1";
    private static final byte[] ID_DOMAIN = {'t', 'r', 'u', 's', 't'};

    private final OverlayId id;
    private final TrustContent content;
    private final byte[] encoded;

    private TrustEntry(TrustContent content, byte[] contentBytes, byte[] encoded) {
        this.id = OverlayId.ofHash(Digests.sha256(ID_DOMAIN, contentBytes));
        this.content = content;
        this.encoded = encoded;
    }

    /** Decodes and verifies the signature; null if anything is wrong or it is another namespace's. */
    public static @Nullable TrustEntry parse(byte[] encoded, OverlayId namespaceId) {
        if (encoded.length > ENCODED_BYTES_MAX) {
            return null;
        }
        try {
            SignedTrust signed = SignedTrust.parseFrom(encoded);
            byte[] bytes = signed.getContent().toByteArray();
            TrustContent content = TrustContent.parseFrom(bytes);
            boolean ours = content.getVersion() == VERSION
                    && content.getNamespaceId().equals(ByteString.copyFrom(namespaceId.toByteArray()))
                    && content.getWhatCase() != TrustContent.WhatCase.WHAT_NOT_SET;
            boolean right = ours
                    && PublicIdentity.verify(
                            content.getSigner().toByteArray(),
                            CONTEXT,
                            bytes,
                            signed.getSignature().toByteArray());
            return right ? new TrustEntry(content, bytes, encoded.clone()) : null;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** Somebody is put out. */
    public static TrustEntry ban(Issuer issuer, OverlayId namespaceId, MemberCredential whom, long now, long until) {
        TrustBan ban = TrustBan.newBuilder()
                .setCredential(ByteString.copyFrom(whom.encode()))
                .build();
        return sign(issuer, content(issuer, namespaceId, now, until).setBan(ban));
    }

    /** Bans do not count any more. */
    public static TrustEntry lift(
            Issuer issuer, OverlayId namespaceId, Collection<OverlayId> bans, long now, long until) {
        TrustLift.Builder lift = TrustLift.newBuilder();
        bans.forEach(ban -> lift.addBans(ByteString.copyFrom(ban.toByteArray())));
        return sign(issuer, content(issuer, namespaceId, now, until).setLift(lift));
    }

    /** What members let in from each other. */
    public static TrustEntry rules(
            Issuer issuer, OverlayId namespaceId, long version, String text, long now, long until) {
        TrustRules rules =
                TrustRules.newBuilder().setVersion(version).setText(text).build();
        return sign(issuer, content(issuer, namespaceId, now, until).setRules(rules));
    }

    /** Another key speaks for the namespace, and from {@code retires} on (0: never) instead of the present one. */
    public static TrustEntry authority(
            NamespaceAuthority present, OverlayId namespaceId, NamespaceAuthority next, long retires, long now) {
        byte[] crossed = next.sign(AUTHORITY_CONTEXT, crossSigned(namespaceId, present.publicKey()));
        TrustAuthority authority = TrustAuthority.newBuilder()
                .setKey(ByteString.copyFrom(next.publicKey()))
                .setSignature(ByteString.copyFrom(crossed))
                .setRetiresEpochMillis(retires)
                .build();
        Issuer issuer = Issuer.of(present);
        return sign(issuer, content(issuer, namespaceId, now, Long.MAX_VALUE).setAuthority(authority));
    }

    private static TrustContent.Builder content(Issuer issuer, OverlayId namespaceId, long now, long until) {
        return TrustContent.newBuilder()
                .setVersion(VERSION)
                .setNamespaceId(ByteString.copyFrom(namespaceId.toByteArray()))
                .setCreatedEpochMillis(now)
                .setUntilEpochMillis(until)
                .setSigner(ByteString.copyFrom(issuer.key()))
                .setCredential(ByteString.copyFrom(issuer.credential()));
    }

    private static TrustEntry sign(Issuer issuer, TrustContent.Builder content) {
        TrustContent built = content.build();
        byte[] bytes = built.toByteArray();
        byte[] encoded = SignedTrust.newBuilder()
                .setContent(ByteString.copyFrom(bytes))
                .setSignature(ByteString.copyFrom(issuer.sign(CONTEXT, bytes)))
                .build()
                .toByteArray();
        return new TrustEntry(built, bytes, encoded);
    }

    private static byte[] crossSigned(OverlayId namespaceId, byte[] presentKey) {
        return ByteString.copyFrom(namespaceId.toByteArray())
                .concat(ByteString.copyFrom(presentKey))
                .toByteArray();
    }

    /** The key that another one says speaks for the namespace too; null if that key has not agreed. */
    byte @Nullable [] nextAuthority(OverlayId namespaceId) {
        TrustAuthority authority = content.getAuthority();
        byte[] key = authority.getKey().toByteArray();
        boolean agreed = PublicIdentity.verify(
                key,
                AUTHORITY_CONTEXT,
                crossSigned(namespaceId, signer()),
                authority.getSignature().toByteArray());
        return agreed ? key : null;
    }

    /** What names it: the first 160 bits of SHA-256("trust" || content). */
    public OverlayId id() {
        return id;
    }

    /** The encoding, a copy. */
    public byte[] encode() {
        return encoded.clone();
    }

    int sizeBytes() {
        return encoded.length;
    }

    TrustContent content() {
        return content;
    }

    byte[] signer() {
        return content.getSigner().toByteArray();
    }

    /** The short form of its ID and what it is. */
    @Override
    public String toString() {
        return content.getWhatCase() + " " + id.toShortString();
    }
}

package io.p2pvpn.overlay.identity;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.X25519Keys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * What a node shows of its identity: the Ed25519 key (RFC 8032) that is the identity, the X25519 key used as its Noise
 * static key, and the signature that binds the second to the first.
 *
 * <pre>
 *   0          32          64                      128
 *   +----------+-----------+------------------------+
 *   | Ed25519  |  X25519   |  signature by Ed25519  |
 *   +----------+-----------+------------------------+
 * </pre>
 */
public final class PublicIdentity {

    /** Length of the encoding, in bytes. */
    public static final int ENCODED_BYTES = 128;

    /** Length of each public key, in bytes. */
    public static final int KEY_BYTES = 32;

    /** Length of a signature, in bytes. */
    public static final int SIGNATURE_BYTES = 64;

    private static final byte[] NODE_ID_DOMAIN = ascii("p2pvpn overlay id v1");
    private static final byte[] PRIVATE_ID_DOMAIN = ascii("p2pvpn private id v1");

    private final byte[] signingKey;
    private final byte[] staticKey;
    private final byte[] staticKeySignature;
    private final OverlayId nodeId;

    /** Takes parts that belong together; the arrays become this object's own. */
    PublicIdentity(byte[] signingKey, byte[] staticKey, byte[] staticKeySignature) {
        this.signingKey = signingKey;
        this.staticKey = staticKey;
        this.staticKeySignature = staticKeySignature;
        this.nodeId = nodeIdOf(signingKey);
    }

    /** Decodes and verifies; null if the length, a key or the signature is wrong. */
    public static @Nullable PublicIdentity parse(byte[] encoded) {
        if (encoded.length != ENCODED_BYTES) {
            return null;
        }
        return of(
                Arrays.copyOfRange(encoded, 0, KEY_BYTES),
                Arrays.copyOfRange(encoded, KEY_BYTES, 2 * KEY_BYTES),
                Arrays.copyOfRange(encoded, 2 * KEY_BYTES, ENCODED_BYTES));
    }

    /** Composes and verifies; null if a length, a key or the signature is wrong. */
    public static @Nullable PublicIdentity of(byte[] ed25519, byte[] x25519, byte[] signature) {
        if (ed25519.length != KEY_BYTES || signature.length != SIGNATURE_BYTES || !X25519Keys.isAcceptable(x25519)) {
            return null;
        }
        byte[] signed = SignedContent.ofStaticKey(x25519);
        if (!Ed25519.validatePublicKeyFull(ed25519, 0)
                || !Ed25519.verify(signature, 0, ed25519, 0, signed, 0, signed.length)) {
            return null;
        }
        return new PublicIdentity(ed25519.clone(), x25519.clone(), signature.clone());
    }

    /** The position in the public ring of whoever has that Ed25519 key, see {@link #nodeId()}. */
    public static OverlayId nodeIdOf(byte[] signingKey) {
        return OverlayId.ofHash(Digests.sha256(NODE_ID_DOMAIN, signingKey));
    }

    /** The position in the public ring: the first 160 bits of SHA-256("p2pvpn overlay id v1" || Ed25519 key). */
    public OverlayId nodeId() {
        return nodeId;
    }

    /**
     * The position in a private ring: the first 160 bits of SHA-256("p2pvpn private id v1" || length of the salt as
     * four bytes, big-endian || salt || Ed25519 key). Without the salt it cannot be linked to {@link #nodeId()}.
     */
    public OverlayId privateId(byte[] salt) {
        return privateIdOf(signingKey, salt);
    }

    /** The position in a private ring of whoever has that Ed25519 key, see {@link #privateId}. */
    public static OverlayId privateIdOf(byte[] signingKey, byte[] salt) {
        byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(salt.length).array();
        return OverlayId.ofHash(Digests.sha256(PRIVATE_ID_DOMAIN, length, salt, signingKey));
    }

    /** The Ed25519 public key, a copy. */
    public byte[] signingKey() {
        return signingKey.clone();
    }

    /** The X25519 public key, a copy. */
    public byte[] staticKey() {
        return staticKey.clone();
    }

    /**
     * Whether this identity signed the message for that purpose, see {@link Identity#sign}. False for a signature of
     * any wrong form.
     *
     * @param context the purpose: a constant of the program that contains no NUL
     */
    public boolean verify(String context, byte[] message, byte[] signature) {
        return verify(signingKey, context, message, signature);
    }

    /**
     * Whether the holder of an Ed25519 key signed the message for that purpose. False for a key or a signature of any
     * wrong form.
     *
     * @param context the purpose: a constant of the program that contains no NUL
     */
    public static boolean verify(byte[] signingKey, String context, byte[] message, byte[] signature) {
        byte[] signed = SignedContent.of(context, message);
        return signingKey.length == KEY_BYTES
                && signature.length == SIGNATURE_BYTES
                && Ed25519.verify(signature, 0, signingKey, 0, signed, 0, signed.length);
    }

    /** The encoding of {@link #ENCODED_BYTES} bytes, a new array. */
    public byte[] encode() {
        return ByteBuffer.allocate(ENCODED_BYTES)
                .put(signingKey)
                .put(staticKey)
                .put(staticKeySignature)
                .array();
    }

    /** Compares all bytes: two static keys of one signing key make two identities with the same ids. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PublicIdentity that
                && Arrays.equals(signingKey, that.signingKey)
                && Arrays.equals(staticKey, that.staticKey)
                && Arrays.equals(staticKeySignature, that.staticKeySignature);
    }

    @Override
    public int hashCode() {
        return nodeId.hashCode();
    }

    /** The short form of {@link #nodeId()}. */
    @Override
    public String toString() {
        return nodeId.toShortString();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

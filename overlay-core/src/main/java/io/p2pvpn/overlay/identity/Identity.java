package io.p2pvpn.overlay.identity;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.X25519KeyPair;
import io.p2pvpn.overlay.noise.X25519Keys;
import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * A node's own identity with its secrets.
 *
 * <p>Encoded for the state file as
 *
 * <pre>
 *   0         1              33             65                               69
 *   +---------+--------------+--------------+---------------------------------+
 *   | version | Ed25519 seed | X25519 secret| first 4 bytes of SHA-256 of all |
 *   +---------+--------------+--------------+---------------------------------+
 * </pre>
 */
public final class Identity {

    /** Length of the encoding, in bytes. */
    public static final int ENCODED_BYTES = 69;

    private static final byte VERSION = 1;
    private static final byte DER_SEQUENCE = 0x30;
    private static final int SECRET_BYTES = 32;
    private static final int CHECKED_BYTES = 1 + 2 * SECRET_BYTES;

    private final byte[] signingSeed;
    private final byte[] staticSecret;
    private final X25519KeyPair staticKeys;
    private final PublicIdentity publicIdentity;

    private Identity(byte[] signingSeed, byte[] staticSecret) {
        this.signingSeed = signingSeed;
        this.staticSecret = staticSecret;
        byte[] signingKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(signingSeed, 0, signingKey, 0);
        this.staticKeys = X25519KeyPair.of(staticSecret);
        byte[] staticKey = staticKeys.publicKey();
        byte[] signature = sign(signingSeed, SignedContent.ofStaticKey(staticKey));
        this.publicIdentity = new PublicIdentity(signingKey, staticKey, signature);
    }

    /** A new identity. */
    public static Identity generate(KeySource keys) {
        byte[] seed = new byte[SECRET_BYTES];
        keys.fill(seed);
        return new Identity(seed, X25519Keys.generateSecret(keys));
    }

    /** Decodes what {@link #encode()} made; null if it is damaged or of an unknown version. */
    public static @Nullable Identity parse(byte[] encoded) {
        if (encoded.length != ENCODED_BYTES || encoded[0] != VERSION) {
            return null;
        }
        byte[] checksum = checksum(Arrays.copyOf(encoded, CHECKED_BYTES));
        if (!Arrays.equals(checksum, Arrays.copyOfRange(encoded, CHECKED_BYTES, ENCODED_BYTES))) {
            return null;
        }
        return new Identity(
                Arrays.copyOfRange(encoded, 1, 1 + SECRET_BYTES),
                Arrays.copyOfRange(encoded, 1 + SECRET_BYTES, CHECKED_BYTES));
    }

    /** True if this looks like an identity of a later version of the program. */
    public static boolean isOfLaterVersion(byte[] encoded) {
        return encoded.length > 0 && encoded[0] > VERSION;
    }

    /** The secrets, encoded for a state file that only its owner may read. */
    public byte[] encode() {
        byte[] checked = ByteBuffer.allocate(CHECKED_BYTES)
                .put(VERSION)
                .put(signingSeed)
                .put(staticSecret)
                .array();
        return ByteBuffer.allocate(ENCODED_BYTES)
                .put(checked)
                .put(checksum(checked))
                .array();
    }

    /** What others may see of this identity. */
    public PublicIdentity publicIdentity() {
        return publicIdentity;
    }

    /**
     * Signs the purpose || NUL || the message.
     *
     * @param context the purpose: a constant of the program that contains no NUL
     * @return a signature of {@link PublicIdentity#SIGNATURE_BYTES} bytes
     */
    public byte[] sign(String context, byte[] message) {
        return sign(signingSeed, SignedContent.of(context, message));
    }

    /**
     * Signs a DER structure as it stands, as certificates are signed.
     *
     * @throws IllegalArgumentException if it does not begin as a SEQUENCE: no other content of ours begins so, and no
     *     signature shall serve two purposes
     */
    public byte[] signDer(byte[] der) {
        if (der.length == 0 || der[0] != DER_SEQUENCE) {
            throw new IllegalArgumentException("not a DER structure");
        }
        return sign(signingSeed, der);
    }

    /** The X25519 keys for the Noise handshake. */
    public X25519KeyPair staticKeys() {
        return staticKeys;
    }

    /** The X25519 secret, a copy. */
    public byte[] staticSecret() {
        return staticSecret.clone();
    }

    /** The short id; never a secret. */
    @Override
    public String toString() {
        return publicIdentity.toString();
    }

    private static byte[] sign(byte[] seed, byte[] content) {
        byte[] signature = new byte[PublicIdentity.SIGNATURE_BYTES];
        Ed25519.sign(seed, 0, content, 0, content.length, signature, 0);
        return signature;
    }

    private static byte[] checksum(byte[] checked) {
        return Arrays.copyOf(Digests.sha256(checked), ENCODED_BYTES - CHECKED_BYTES);
    }
}

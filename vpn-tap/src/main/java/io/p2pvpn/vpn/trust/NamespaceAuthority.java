package io.p2pvpn.vpn.trust;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * The secret of a namespace's founder: the Ed25519 key (RFC 8032) that signs its descriptor and its certificates.
 *
 * <p>Encoded for the state file as
 *
 * <pre>
 *   0         1              33                                37
 *   +---------+--------------+---------------------------------+
 *   | version | Ed25519 seed | first 4 bytes of SHA-256 of all |
 *   +---------+--------------+---------------------------------+
 * </pre>
 */
public final class NamespaceAuthority {

    /** Length of the encoding, in bytes. */
    public static final int ENCODED_BYTES = 37;

    private static final byte VERSION = 1;
    private static final int CHECKED_BYTES = 1 + Ed25519.SECRET_KEY_SIZE;

    private final byte[] seed;
    private final byte[] publicKey;

    private NamespaceAuthority(byte[] seed) {
        this.seed = seed;
        this.publicKey = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    }

    /** A new authority, and so a new namespace. */
    public static NamespaceAuthority generate(KeySource keys) {
        byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
        keys.fill(seed);
        return new NamespaceAuthority(seed);
    }

    /** Decodes what {@link #encode()} made; null if it is damaged or of an unknown version. */
    public static @Nullable NamespaceAuthority parse(byte[] encoded) {
        if (encoded.length != ENCODED_BYTES || encoded[0] != VERSION) {
            return null;
        }
        byte[] checksum = checksum(Arrays.copyOf(encoded, CHECKED_BYTES));
        if (!Arrays.equals(checksum, Arrays.copyOfRange(encoded, CHECKED_BYTES, ENCODED_BYTES))) {
            return null;
        }
        return new NamespaceAuthority(Arrays.copyOfRange(encoded, 1, CHECKED_BYTES));
    }

    /** The secret, encoded for a state file that only its owner may read. */
    public byte[] encode() {
        byte[] checked =
                ByteBuffer.allocate(CHECKED_BYTES).put(VERSION).put(seed).array();
        return ByteBuffer.allocate(ENCODED_BYTES)
                .put(checked)
                .put(checksum(checked))
                .array();
    }

    /** The Ed25519 public key that is the namespace, a copy. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** The namespace's id, see {@link NamespaceDescriptor#idOf}. */
    public OverlayId namespaceId() {
        return NamespaceDescriptor.idOf(publicKey);
    }

    /** Signs the namespace's descriptor. */
    public NamespaceDescriptor describe(NamespaceDescriptor.Terms terms) {
        return DescriptorCodec.sign(terms, publicKey, this::sign);
    }

    /** Signs a member's certificate: X.509 version 3 (RFC 5280, RFC 8410), DER, see {@link MemberCertificate}. */
    byte[] issue(MemberTerms terms) {
        CertificateContent content = CertificateContent.of(terms);
        return content.certificate(publicKey, sign(content.toBeSigned(publicKey)));
    }

    /** Signs the purpose || NUL || the message, as {@link Identity#sign} does. */
    byte[] sign(String context, byte[] message) {
        byte[] purpose = context.getBytes(StandardCharsets.UTF_8);
        return sign(ByteBuffer.allocate(purpose.length + 1 + message.length)
                .put(purpose)
                .put((byte) 0)
                .put(message)
                .array());
    }

    /** The short form of {@link #namespaceId()}; never a secret. */
    @Override
    public String toString() {
        return namespaceId().toShortString();
    }

    /** The signature of bytes that already state their purpose. */
    byte[] sign(byte[] content) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, content, 0, content.length, signature, 0);
        return signature;
    }

    private static byte[] checksum(byte[] checked) {
        return Arrays.copyOf(Digests.sha256(checked), ENCODED_BYTES - CHECKED_BYTES);
    }
}

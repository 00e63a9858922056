package io.p2pvpn.vpn.trust;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member shows to be believed one: its certificate, and those of the administrators between it and the
 * namespace's authority. All signatures were found right; whether it is valid now and not revoked is asked apart.
 * Immutable.
 *
 * <p>Encoded as the certificates one after another, the member's first, each with its length in front as two bytes,
 * big-endian.
 */
public final class MemberCredential {
    /** The longest chain: administrators at most two steps from the authority can let others in. */
    public static final int CERTIFICATES_MAX = 3;

    /** Length of the longest encoding that is looked at, in bytes. */
    public static final int ENCODED_BYTES_MAX = 1536;

    private final byte[] encoded;
    private final byte[] authority;
    private final List<MemberCertificate> certificates;

    private MemberCredential(byte[] encoded, byte[] authority, List<MemberCertificate> certificates) {
        this.encoded = encoded;
        this.authority = authority;
        this.certificates = List.copyOf(certificates);
    }

    /**
     * Decodes and verifies the signatures; null if anything is wrong, whatever the bytes are.
     *
     * @param authorities the Ed25519 public keys that speak for the namespace; one is enough
     */
    public static @Nullable MemberCredential parse(byte[] encoded, Collection<byte[]> authorities) {
        List<byte[]> ders = split(encoded);
        for (byte[] authority : authorities) {
            List<MemberCertificate> chain = verified(ders, authority);
            if (!chain.isEmpty()) {
                return new MemberCredential(encoded.clone(), authority.clone(), chain);
            }
        }
        return null;
    }

    /** From the authority's end to the member's; empty if a signature is wrong, or a signer no administrator. */
    private static List<MemberCertificate> verified(List<byte[]> ders, byte[] authority) {
        List<MemberCertificate> chain = new ArrayList<>();
        byte[] issuerKey = authority;
        for (int i = ders.size() - 1; i >= 0; i--) {
            MemberCertificate certificate = MemberCertificate.parseSigned(ders.get(i), issuerKey);
            if (certificate == null || (i > 0 && !certificate.mayIssue())) {
                return List.of();
            }
            chain.add(0, certificate);
            issuerKey = certificate.memberKey();
        }
        return chain;
    }

    /** The certificates in these bytes, unverified; none if they are not of that form. */
    private static List<byte[]> split(byte[] encoded) {
        List<byte[]> ders = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(encoded);
        if (encoded.length > ENCODED_BYTES_MAX) {
            return List.of();
        }
        while (in.hasRemaining()) {
            int length = in.remaining() < Short.BYTES ? 0 : in.getShort() & 0xffff;
            if (length == 0 || length > in.remaining() || ders.size() == CERTIFICATES_MAX) {
                return List.of();
            }
            byte[] der = new byte[length];
            in.get(der);
            ders.add(der);
        }
        return ders;
    }

    /** A credential's bytes: a certificate in front of its issuer's credential, which is empty for the authority. */
    static byte[] encode(byte[] der, byte[] issuerCredential) {
        return ByteBuffer.allocate(Short.BYTES + der.length + issuerCredential.length)
                .putShort((short) der.length)
                .put(der)
                .put(issuerCredential)
                .array();
    }

    /** The encoding, a copy. */
    public byte[] encode() {
        return encoded.clone();
    }

    /** The member's own certificate. */
    public MemberCertificate member() {
        return certificates.get(0);
    }

    /** All certificates, the member's first. */
    public List<MemberCertificate> certificates() {
        return certificates;
    }

    /** Steps from the authority: 1 if that has signed it itself. */
    public int depth() {
        return certificates.size();
    }

    /** True if that Ed25519 key is the authority that it ends at. */
    boolean isBy(byte[] authorityKey) {
        return Arrays.equals(authority, authorityKey);
    }

    /** True if it is that key's. */
    public boolean isOf(byte[] signingKey) {
        return Arrays.equals(member().memberKey(), signingKey);
    }

    /** True while every certificate of it is valid, give or take what clocks may differ. */
    public boolean isValidAt(long epochMillis) {
        return certificates.stream().allMatch(certificate -> certificate.isValidAt(epochMillis));
    }

    /** The last moment of validity of the first of its certificates to end, milliseconds since 1970. */
    public long notAfterMillis() {
        return certificates.stream()
                .mapToLong(MemberCertificate::notAfterMillis)
                .min()
                .orElseThrow();
    }

    /** The member's name, role and serial. */
    @Override
    public String toString() {
        return member().toString();
    }
}

package io.p2pvpn.vpn.trust;

import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * A member's certificate that was found right: X.509 version 3 (RFC 5280) with Ed25519 keys (RFC 8410).
 *
 * <p>Issuer: CN = id of the issuer's key, formed as the id of a namespace. Subject: CN = name of the member. Critical
 * extensions: basicConstraints (an authority if the role is that of an administrator), and under OIDs of our own the
 * role, a UTF8String, and the salt, an OCTET STRING. Other extensions are ignored unless critical. The
 * session that shows a certificate must still prove that it holds the member's key, and a right certificate may be
 * revoked.
 */
public final class MemberCertificate {

    /** Length of the longest certificate that is looked at, in bytes. */
    public static final int ENCODED_BYTES_MAX = 1024;

    /** How far the clocks of issuer and verifier may differ, in milliseconds. */
    public static final long CLOCK_TOLERANCE_MILLIS = 5 * 60_000L;

    private final MemberTerms terms;

    private MemberCertificate(MemberTerms terms) {
        this.terms = terms;
    }

    /**
     * Decodes and verifies; null if anything is wrong, whatever the bytes are.
     *
     * @param der the whole certificate
     * @param issuerKey the Ed25519 public key of who should have signed it
     * @param nowMillis the time, milliseconds since 1970
     */
    public static @Nullable MemberCertificate verify(byte[] der, byte[] issuerKey, long nowMillis) {
        MemberCertificate signed = parseSigned(der, issuerKey);
        return signed != null && signed.isValidAt(nowMillis) ? signed : null;
    }

    /** The same whatever the time is: {@link #isValidAt} has still to be asked. */
    static @Nullable MemberCertificate parseSigned(byte[] der, byte[] issuerKey) {
        if (der.length > ENCODED_BYTES_MAX || issuerKey.length != Ed25519.PUBLIC_KEY_SIZE) {
            return null;
        }
        MemberTerms terms = signedTerms(der, issuerKey);
        return terms == null ? null : new MemberCertificate(terms);
    }

    /** True within its validity, give or take what clocks may differ. */
    boolean isValidAt(long epochMillis) {
        return epochMillis >= terms.notBeforeMillis() - CLOCK_TOLERANCE_MILLIS
                && epochMillis <= terms.notAfterMillis() + CLOCK_TOLERANCE_MILLIS;
    }

    private static @Nullable MemberTerms signedTerms(byte[] der, byte[] issuerKey) {
        try {
            Certificate certificate = Certificate.getInstance(der);
            MemberTerms terms = CertificateContent.readTerms(certificate);
            if (terms == null) {
                return null;
            }
            CertificateContent content =
                    CertificateContent.of(terms, certificate.getTBSCertificate().getExtensions());
            ASN1BitString signatureBits = certificate.getSignature();
            byte[] signature = signatureBits.getOctets();
            // What a check of single fields might forget (algorithms, issuer, version, canonical form) is in here.
            if (!Arrays.equals(content.certificate(issuerKey, signature), der)) {
                return null;
            }
            return isSigned(content.toBeSigned(issuerKey), signature, issuerKey) ? terms : null;
        } catch (RuntimeException e) {
            // The ASN.1 reader tells malformed bytes by unchecked exceptions of many types.
            return null;
        }
    }

    private static boolean isSigned(byte[] content, byte[] signature, byte[] issuerKey) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.validatePublicKeyFull(issuerKey, 0)
                && Ed25519.verify(signature, 0, issuerKey, 0, content, 0, content.length);
    }

    /** The member's Ed25519 public key, a copy. */
    public byte[] memberKey() {
        return terms.memberKey();
    }

    /** The member's host name. */
    public String name() {
        return terms.name();
    }

    /** What the member may do. */
    public Role role() {
        return terms.role();
    }

    /** What a revocation names: 32 lower-case hexadecimal digits. */
    public String serial() {
        return HexFormat.of().formatHex(terms.serial());
    }

    /** What the member's place in the ring follows from beside its key, a copy. */
    public byte[] salt() {
        return terms.salt();
    }

    /** What the issuer has certified. */
    public MemberTerms terms() {
        return terms;
    }

    /** Whether the member may let others in: it is an administrator. */
    public boolean mayIssue() {
        return terms.role() == Role.ADMIN;
    }

    /** The last moment of validity, milliseconds since 1970. */
    public long notAfterMillis() {
        return terms.notAfterMillis();
    }

    /** The name, the role and the serial. */
    @Override
    public String toString() {
        return terms.toString();
    }
}

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
 * <p>Issuer: CN = id of the namespace. Subject: CN = name of the member. Critical extensions: basicConstraints (not an
 * authority) and the role, a UTF8String under an OID of our own. Other extensions are ignored unless critical. The
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
     * @param caKey the authority's Ed25519 public key
     * @param nowMillis the time, milliseconds since 1970
     */
    public static @Nullable MemberCertificate verify(byte[] der, byte[] caKey, long nowMillis) {
        if (der.length > ENCODED_BYTES_MAX || caKey.length != Ed25519.PUBLIC_KEY_SIZE) {
            return null;
        }
        MemberTerms terms = signedTerms(der, caKey);
        return terms != null
                        && nowMillis >= terms.notBeforeMillis() - CLOCK_TOLERANCE_MILLIS
                        && nowMillis <= terms.notAfterMillis() + CLOCK_TOLERANCE_MILLIS
                ? new MemberCertificate(terms)
                : null;
    }

    private static @Nullable MemberTerms signedTerms(byte[] der, byte[] caKey) {
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
            if (!Arrays.equals(content.certificate(caKey, signature), der)) {
                return null;
            }
            return isSigned(content.toBeSigned(caKey), signature, caKey) ? terms : null;
        } catch (RuntimeException e) {
            // The ASN.1 reader tells malformed bytes by unchecked exceptions of many types.
            return null;
        }
    }

    private static boolean isSigned(byte[] content, byte[] signature, byte[] caKey) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.validatePublicKeyFull(caKey, 0)
                && Ed25519.verify(signature, 0, caKey, 0, content, 0, content.length);
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

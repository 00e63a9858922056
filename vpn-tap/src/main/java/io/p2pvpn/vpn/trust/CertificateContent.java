package io.p2pvpn.vpn.trust;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a member's certificate that are not the same in all certificates of its issuer. From them and the
 * issuer's key follow the bytes, in exactly one way: the reader rebuilds the bytes and compares.
 */
final class CertificateContent {

    /** A UUID of our own under the arc of RFC 9562 UUIDs (ITU-T X.667): fada89bc-ce27-4ba3-a0e2-9a9e1b49297b. */
    static final ASN1ObjectIdentifier ROLE_OID =
            new ASN1ObjectIdentifier("2.25.333441713310201230935575513957369719163");

    /** As the role's: aab9da94-ebb0-44c5-a976-f33f2b193f5c. */
    static final ASN1ObjectIdentifier SALT_OID =
            new ASN1ObjectIdentifier("2.25.226933767566268362699608624847870574428");

    private static final AlgorithmIdentifier ED25519 = new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519);
    private static final String UTC_TIME_ENDS = "2050";
    private static final int TIME_DIGITS = 14;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT);

    private final byte[] memberKey;
    private final String name;
    private final BigInteger serial;
    private final long notBeforeMillis;
    private final long notAfterMillis;
    private final Extensions extensions;

    private CertificateContent(MemberTerms terms, Extensions extensions) {
        this.memberKey = terms.memberKey();
        this.name = terms.name();
        this.serial = new BigInteger(1, terms.serial());
        this.notBeforeMillis = terms.notBeforeMillis();
        this.notAfterMillis = terms.notAfterMillis();
        this.extensions = extensions;
    }

    static CertificateContent of(MemberTerms terms) {
        return of(terms, extensions(terms.role(), terms.salt()));
    }

    static CertificateContent of(MemberTerms terms, Extensions extensions) {
        return new CertificateContent(terms, extensions);
    }

    /** The three extensions every certificate has, all critical: whether it may issue, the role, and the salt. */
    static Extensions extensions(Role role, byte[] salt) {
        return new Extensions(new Extension[] {
            new Extension(Extension.basicConstraints, true, der(new BasicConstraints(role == Role.ADMIN))),
            new Extension(ROLE_OID, true, der(new DERUTF8String(role.word()))),
            new Extension(SALT_OID, true, der(new DEROctetString(salt)))
        });
    }

    /** The TBSCertificate (RFC 5280 section 4.1.2), DER. */
    byte[] toBeSigned(byte[] issuerKey) {
        return der(tbs(issuerKey));
    }

    /** The whole certificate, DER. */
    byte[] certificate(byte[] issuerKey, byte[] signature) {
        return der(new DERSequence(new ASN1Encodable[] {tbs(issuerKey), ED25519, new DERBitString(signature)}));
    }

    private TBSCertificate tbs(byte[] issuerKey) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(serial));
        generator.setSignature(ED25519);
        generator.setIssuer(commonName(NamespaceDescriptor.idOf(issuerKey).toString()));
        generator.setStartDate(time(notBeforeMillis));
        generator.setEndDate(time(notAfterMillis));
        generator.setSubject(commonName(name));
        generator.setSubjectPublicKeyInfo(new SubjectPublicKeyInfo(ED25519, memberKey));
        generator.setExtensions(extensions);
        return generator.generateTBSCertificate();
    }

    /** The terms a certificate seems to state; null if it has not even the parts. Throws for some malformed bytes. */
    static @Nullable MemberTerms readTerms(Certificate certificate) {
        TBSCertificate tbs = certificate.getTBSCertificate();
        String name = commonNameOf(tbs.getSubject());
        byte[] salt = saltOf(tbs.getExtensions());
        Role role = salt == null ? null : roleOf(tbs.getExtensions(), salt);
        BigInteger serial = tbs.getSerialNumber().getValue();
        if (name == null
                || salt == null
                || role == null
                || serial.signum() <= 0
                || serial.bitLength() > 8 * MemberTerms.SERIAL_BYTES) {
            return null;
        }
        ASN1BitString key = tbs.getSubjectPublicKeyInfo().getPublicKeyData();
        byte[] memberKey = key.getOctets();
        byte[] serialBytes = serialBytes(serial);
        long notBeforeMillis = millis(tbs.getStartDate());
        long notAfterMillis = millis(tbs.getEndDate());
        return MemberTerms.areValid(memberKey, name, serialBytes, salt, notBeforeMillis, notAfterMillis)
                ? new MemberTerms(memberKey, name, role, serialBytes, salt, notBeforeMillis, notAfterMillis)
                : null;
    }

    private static byte[] serialBytes(BigInteger serial) {
        byte[] bytes = new byte[MemberTerms.SERIAL_BYTES];
        byte[] digits = serial.toByteArray();
        int count = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - count, bytes, bytes.length - count, count);
        return bytes;
    }

    private static byte @Nullable [] saltOf(@Nullable Extensions extensions) {
        Extension salt = extensions == null ? null : extensions.getExtension(SALT_OID);
        return salt == null
                ? null
                : ASN1OctetString.getInstance(salt.getParsedValue()).getOctets();
    }

    /** The role; null if an extension is missing, wrong, or unknown and critical. */
    private static @Nullable Role roleOf(Extensions extensions, byte[] salt) {
        for (ASN1ObjectIdentifier oid : extensions.getCriticalExtensionOIDs()) {
            if (!oid.equals(ROLE_OID) && !oid.equals(SALT_OID) && !oid.equals(Extension.basicConstraints)) {
                return null;
            }
        }
        for (Role role : Role.values()) {
            Extensions expected = extensions(role, salt);
            if (has(extensions, expected, Extension.basicConstraints)
                    && has(extensions, expected, ROLE_OID)
                    && has(extensions, expected, SALT_OID)) {
                return role;
            }
        }
        return null;
    }

    private static boolean has(Extensions actual, Extensions expected, ASN1ObjectIdentifier oid) {
        Extension extension = actual.getExtension(oid);
        return extension != null && extension.equals(expected.getExtension(oid));
    }

    private static X500Name commonName(String name) {
        return new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERUTF8String(name))});
    }

    private static @Nullable String commonNameOf(X500Name subject) {
        RDN[] rdns = subject.getRDNs();
        AttributeTypeAndValue first = rdns.length == 1 ? rdns[0].getFirst() : null;
        return first != null && first.getValue() instanceof ASN1UTF8String text ? text.getString() : null;
    }

    /** RFC 5280 section 4.1.2.5: UTCTime to 2049, then GeneralizedTime; whole seconds. */
    private static Time time(long millis) {
        String digits = TIME.format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
        return digits.compareTo(UTC_TIME_ENDS) < 0
                ? new Time(new DERUTCTime(digits.substring(2) + "Z"))
                : new Time(new DERGeneralizedTime(digits + "Z"));
    }

    private static long millis(Time time) {
        return LocalDateTime.parse(time.getTime().substring(0, TIME_DIGITS), TIME)
                .toInstant(ZoneOffset.UTC)
                .toEpochMilli();
    }

    private static byte[] der(ASN1Encodable object) {
        try {
            return object.toASN1Primitive().getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException("encoding to memory", e);
        }
    }
}

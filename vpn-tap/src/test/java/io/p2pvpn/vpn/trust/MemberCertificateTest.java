package io.p2pvpn.vpn.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class MemberCertificateTest {

    private static final long NOW = TrustFixture.NOW_MILLIS;
    private static final long BEFORE = TrustFixture.NOT_BEFORE_MILLIS;
    private static final long AFTER = TrustFixture.NOT_AFTER_MILLIS;
    private static final ASN1ObjectIdentifier UNKNOWN_OID = new ASN1ObjectIdentifier("2.25.42");
    private static final String ED25519_SPKI_PREFIX = "302a300506032b6570032100";

    private final TrustFixture fixture = new TrustFixture();
    private final byte[] caKey = fixture.authority.publicKey();
    private final MemberTerms terms = fixture.member("grid-1", Role.GATEWAY);
    private final byte[] der = fixture.authority.issue(terms);

    @BeforeAll
    static void printSeed() {
        System.out.println("MemberCertificateTest p2pvpn.seed=" + TrustFixture.SEED);
    }

    @Test
    void verify_issuedCertificate_saysTheTerms() {
        for (Role role : Role.values()) {
            MemberTerms made = fixture.member("h".repeat(Names.NAME_CHARS_MAX), role);
            MemberCertificate certificate = MemberCertificate.verify(fixture.authority.issue(made), caKey, NOW);
            assertThat(certificate.memberKey()).isEqualTo(made.memberKey());
            assertThat(certificate.name()).isEqualTo(made.name());
            assertThat(certificate.role()).isEqualTo(role);
            assertThat(certificate.serial()).isEqualTo(HexFormat.of().formatHex(made.serial()));
            assertThat(certificate.notAfterMillis()).isEqualTo(AFTER);
        }
    }

    @Test
    void verify_serialWithLeadingZeroesOrHighBit_keepsAllDigits() {
        byte[] small = new byte[16];
        small[15] = (byte) 0x80;
        byte[] large = new byte[16];
        Arrays.fill(large, (byte) 0xff);
        for (byte[] serial : new byte[][] {small, large}) {
            MemberTerms made =
                    new MemberTerms(terms.memberKey(), "a", Role.MEMBER, serial, terms.salt(), BEFORE, AFTER);
            assertThat(MemberCertificate.verify(fixture.authority.issue(made), caKey, NOW)
                            .serial())
                    .isEqualTo(HexFormat.of().formatHex(serial));
        }
    }

    @Test
    void issue_isACertificateThatTheJdkReadsAndVerifies() throws Exception {
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        byte[] spki =
                HexFormat.of().parseHex(ED25519_SPKI_PREFIX + HexFormat.of().formatHex(caKey));
        certificate.verify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki)));
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=grid-1");
        assertThat(certificate.getIssuerX500Principal().getName()).isEqualTo("CN=" + fixture.authority.namespaceId());
        assertThat(certificate.getCriticalExtensionOIDs())
                .containsExactlyInAnyOrder(
                        "2.5.29.19", CertificateContent.ROLE_OID.getId(), CertificateContent.SALT_OID.getId());
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getNotBefore().toInstant().toEpochMilli()).isEqualTo(BEFORE);
        assertThat(certificate.getNotAfter().toInstant().toEpochMilli()).isEqualTo(AFTER);
    }

    @Test
    void verify_outsideItsTime_isNull() {
        long tolerance = MemberCertificate.CLOCK_TOLERANCE_MILLIS;
        assertThat(MemberCertificate.verify(der, caKey, BEFORE - tolerance)).isNotNull();
        assertThat(MemberCertificate.verify(der, caKey, BEFORE - tolerance - 1)).isNull();
        assertThat(MemberCertificate.verify(der, caKey, AFTER + tolerance)).isNotNull();
        assertThat(MemberCertificate.verify(der, caKey, AFTER + tolerance + 1)).isNull();
        assertThat(MemberCertificate.verify(der, caKey, Long.MIN_VALUE)).isNull();
        assertThat(MemberCertificate.verify(der, caKey, Long.MAX_VALUE)).isNull();
    }

    @Test
    void verify_timesOfAllEncodings_areKept() {
        long[] ends = {1000, 2_524_607_999_000L, 2_524_608_000_000L, 253_402_300_799_000L};
        for (long end : ends) {
            byte[] made = fixture.authority.issue(fixture.member("a", Role.MEMBER, 0, end));
            assertThat(MemberCertificate.verify(made, caKey, end).notAfterMillis())
                    .isEqualTo(end);
        }
    }

    @Test
    void verify_otherAuthorityOfTheSameName_isNull() {
        NamespaceAuthority other = NamespaceAuthority.generate(fixture.random::nextBytes);
        assertThat(MemberCertificate.verify(der, other.publicKey(), NOW)).isNull();
        assertThat(MemberCertificate.verify(other.issue(terms), caKey, NOW)).isNull();
        // Signed by the other, but naming this one as the issuer.
        CertificateContent content = CertificateContent.of(terms);
        byte[] forged = content.certificate(caKey, other.sign(content.toBeSigned(caKey)));
        assertThat(MemberCertificate.verify(forged, caKey, NOW)).isNull();
        assertThat(MemberCertificate.verify(forged, other.publicKey(), NOW)).isNull();
        // Rightly signed, but naming another issuer.
        byte[] misnamed = content.toBeSigned(other.publicKey());
        assertThat(MemberCertificate.verify(assembled(misnamed), caKey, NOW)).isNull();
        assertThat(MemberCertificate.verify(assembled(content.toBeSigned(caKey)), caKey, NOW))
                .isNotNull();
    }

    @Test
    void verify_anotherMembersKeyOrName_isNull() {
        MemberTerms stolenName = new MemberTerms(
                fixture.publicKey(), terms.name(), terms.role(), terms.serial(), terms.salt(), BEFORE, AFTER);
        MemberTerms stolenRole = new MemberTerms(
                terms.memberKey(), terms.name(), Role.ADMIN, terms.serial(), terms.salt(), BEFORE, AFTER);
        byte[] signature = Arrays.copyOfRange(der, der.length - 64, der.length);
        for (MemberTerms forged : new MemberTerms[] {stolenName, stolenRole}) {
            byte[] certificate = CertificateContent.of(forged).certificate(caKey, signature);
            assertThat(MemberCertificate.verify(certificate, caKey, NOW)).isNull();
        }
        assertThat(CertificateContent.of(terms).certificate(caKey, signature)).isEqualTo(der);
    }

    @Test
    void verify_unknownExtension_isNullOnlyIfCritical() {
        assertThat(verifyWith(extension(UNKNOWN_OID, false))).isNotNull();
        assertThat(verifyWith(extension(UNKNOWN_OID, true))).isNull();
    }

    @Test
    void verify_missingOrWrongExtension_isNull() throws Exception {
        Extensions right = CertificateContent.extensions(Role.MEMBER, terms.salt());
        Extension role = right.getExtension(CertificateContent.ROLE_OID);
        Extension constraints = right.getExtension(Extension.basicConstraints);
        Extension salt = right.getExtension(CertificateContent.SALT_OID);
        assertThat(verify(salt, role, constraints)).isNotNull();
        assertThat(verify(role, salt)).isNull();
        assertThat(verify(constraints, salt)).isNull();
        assertThat(verify(role, constraints)).isNull();
        assertThat(verify(constraints, salt, extension(CertificateContent.ROLE_OID, true)))
                .isNull();
        assertThat(verify(constraints, role, extension(CertificateContent.SALT_OID, true)))
                .isNull();
        Extension optionalRole = new Extension(CertificateContent.ROLE_OID, false, role.getExtnValue());
        assertThat(verify(constraints, salt, optionalRole)).isNull();
        Extension shortSalt =
                new Extension(CertificateContent.SALT_OID, true, new DEROctetString(new byte[15]).getEncoded());
        assertThat(verify(constraints, role, shortSalt)).isNull();
        // A member that may not let others in, but says that it may.
        byte[] authority = new BasicConstraints(true).getEncoded();
        assertThat(verify(role, salt, new Extension(Extension.basicConstraints, true, authority)))
                .isNull();
    }

    @Test
    void verify_cutOrLonger_isNull() {
        for (int length = 0; length < der.length; length++) {
            assertThat(MemberCertificate.verify(Arrays.copyOf(der, length), caKey, NOW))
                    .as("length %d", length)
                    .isNull();
        }
        assertThat(MemberCertificate.verify(Arrays.copyOf(der, der.length + 1), caKey, NOW))
                .isNull();
    }

    @Test
    void verify_anyBitFlipped_isNull() {
        for (int bit = 0; bit < 8 * der.length; bit++) {
            byte[] damaged = der.clone();
            damaged[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(MemberCertificate.verify(damaged, caKey, NOW))
                    .as("bit %d", bit)
                    .isNull();
        }
    }

    @Test
    void verify_randomBytes_isNull() {
        for (int i = 0; i < 5_000; i++) {
            byte[] noise = fixture.bytes(fixture.random.nextInt(400));
            byte[] sequence = fixture.bytes(260);
            sequence[0] = 0x30;
            sequence[1] = (byte) 0x82;
            sequence[2] = 1;
            sequence[3] = 0;
            assertThat(MemberCertificate.verify(noise, caKey, NOW)).isNull();
            assertThat(MemberCertificate.verify(sequence, caKey, NOW)).isNull();
            assertThat(MemberCertificate.verify(fixture.damaged(der), caKey, NOW))
                    .isNull();
        }
    }

    /** What a hostile authority could send: damage under a right signature. */
    @Test
    void verify_damagedContentRightlySigned_isNullOrHasOneEncoding() {
        byte[] content = CertificateContent.of(terms).toBeSigned(caKey);
        int accepted = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged = fixture.damaged(content);
            MemberCertificate certificate = MemberCertificate.verify(assembled(damaged), caKey, NOW);
            if (certificate != null) {
                accepted++;
                assertThat(Names.isName(certificate.name())).isTrue();
                assertThat(certificate.role()).isEqualTo(terms.role());
                assertThat(certificate.notAfterMillis()).isGreaterThan(NOW - MemberCertificate.CLOCK_TOLERANCE_MILLIS);
            }
        }
        assertThat(accepted).as("damage to serial, name or key only").isBetween(1, 2_500);
    }

    @Test
    void verify_deepNesting_isNull() {
        for (int tag : new int[] {0x30, 0x31, 0xa0, 0x24}) {
            byte[] indefinite = new byte[MemberCertificate.ENCODED_BYTES_MAX];
            for (int i = 0; i < indefinite.length; i += 2) {
                indefinite[i] = (byte) tag;
                indefinite[i + 1] = (byte) 0x80;
            }
            assertThat(MemberCertificate.verify(indefinite, caKey, NOW)).isNull();
        }
    }

    @Test
    void verify_notCanonical_isNull() throws Exception {
        // The outer length in one byte more than it needs.
        byte[] longer = new byte[der.length + 1];
        System.arraycopy(der, 0, longer, 1, der.length);
        longer[0] = 0x30;
        longer[1] = (byte) 0x83;
        longer[2] = 0;
        assertThat(der[1]).isEqualTo((byte) 0x82);
        assertThat(MemberCertificate.verify(longer, caKey, NOW)).isNull();
        // A fourth part behind the signature.
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.addAll(DERSequence.getInstance(der).toArray());
        assertThat(new DERSequence(parts).getEncoded()).isEqualTo(der);
        parts.add(DERNull.INSTANCE);
        assertThat(MemberCertificate.verify(new DERSequence(parts).getEncoded(), caKey, NOW))
                .isNull();
    }

    /** A signature has one encoding: S below the order of the group (RFC 8032 section 5.1.7). */
    @Test
    void verify_signatureInAnotherEncoding_isNull() {
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        byte[] other = der.clone();
        byte[] s = new byte[33];
        for (int i = 0; i < 32; i++) {
            s[32 - i] = der[der.length - 32 + i];
        }
        byte[] sum = new BigInteger(s).add(order).toByteArray();
        for (int i = 0; i < 32; i++) {
            other[der.length - 32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
        }
        assertThat(other).isNotEqualTo(der);
        assertThat(MemberCertificate.verify(other, caKey, NOW)).isNull();
    }

    @Test
    void verify_tooLong_isNull() {
        assertThat(verifyWith(new Extension(UNKNOWN_OID, false, new byte[600]))).isNotNull();
        assertThat(verifyWith(new Extension(UNKNOWN_OID, false, new byte[800]))).isNull();
    }

    @Test
    void verify_wrongAuthorityKey_isNull() {
        byte[] neutral = new byte[32];
        neutral[0] = 1;
        for (byte[] key : new byte[][] {new byte[0], new byte[31], new byte[33], new byte[32], neutral}) {
            assertThat(MemberCertificate.verify(der, key, NOW)).isNull();
        }
    }

    @Test
    void terms_wrong_areRefused() {
        byte[] key = terms.memberKey();
        byte[] serial = terms.serial();
        assertRefused(new byte[32], "a", serial, 0, 1);
        assertRefused(new byte[31], "a", serial, 0, 1);
        assertRefused(key, "", serial, 0, 1);
        assertRefused(key, "a,CN=b", serial, 0, 1);
        assertRefused(key, "a", new byte[16], 0, 1);
        assertRefused(key, "a", new byte[] {1}, 0, 1);
        assertRefused(key, "a", serial, 2, 1);
        assertRefused(key, "a", serial, -1, 1);
        assertRefused(key, "a", serial, 0, Long.MAX_VALUE);
    }

    private static void assertRefused(byte[] key, String name, byte[] serial, long notBefore, long notAfter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MemberTerms(
                        key, name, Role.MEMBER, serial, new byte[MemberTerms.SALT_BYTES], notBefore, notAfter));
    }

    private static Extension extension(ASN1ObjectIdentifier oid, boolean critical) {
        return new Extension(oid, critical, new byte[] {5, 0});
    }

    /** The content with a right signature around it, whatever the content is. */
    private byte[] assembled(byte[] content) {
        byte[] algorithmAndSignature = HexFormat.of().parseHex("300506032b6570" + "034100");
        byte[] signature = fixture.authority.sign(content);
        int length = content.length + algorithmAndSignature.length + signature.length;
        return ByteBuffer.allocate(4 + length)
                .putShort((short) 0x3082)
                .putShort((short) length)
                .put(content)
                .put(algorithmAndSignature)
                .put(signature)
                .array();
    }

    private MemberCertificate verifyWith(Extension added) {
        Extensions right = CertificateContent.extensions(Role.MEMBER, terms.salt());
        return verify(
                right.getExtension(Extension.basicConstraints),
                right.getExtension(CertificateContent.ROLE_OID),
                right.getExtension(CertificateContent.SALT_OID),
                added);
    }

    /** What the verifier says of a certificate with these extensions and a right signature. */
    private MemberCertificate verify(Extension... extensions) {
        CertificateContent content = CertificateContent.of(terms, new Extensions(extensions));
        byte[] signature = fixture.authority.sign(content.toBeSigned(caKey));
        return MemberCertificate.verify(content.certificate(caKey, signature), caKey, NOW);
    }
}

package io.p2pvpn.overlay.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.X25519Keys;
import io.p2pvpn.overlay.runtime.KeySource;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class IdentityTest {

    private static final long SEED = Long.getLong("p2pvpn.seed", 25519);

    private final KeySource keys = new Random(SEED)::nextBytes;
    private final Identity identity = Identity.generate(keys);
    private final PublicIdentity shown = identity.publicIdentity();

    @BeforeAll
    static void printSeed() {
        System.out.println("IdentityTest p2pvpn.seed=" + SEED);
    }

    @Test
    void generate_sameSeed_isTheSameIdentity() {
        Identity again = Identity.generate(new Random(SEED)::nextBytes);
        assertThat(again.publicIdentity()).isEqualTo(shown).hasSameHashCodeAs(shown);
        assertThat(Identity.generate(keys).publicIdentity()).isNotEqualTo(shown);
    }

    @Test
    void parse_encodedPublicIdentity_roundTrips() {
        byte[] encoded = shown.encode();
        PublicIdentity parsed = PublicIdentity.parse(encoded);
        assertThat(encoded).hasSize(PublicIdentity.ENCODED_BYTES);
        assertThat(parsed).isEqualTo(shown);
        assertThat(parsed.encode()).isEqualTo(encoded);
        assertThat(parsed.nodeId()).isEqualTo(shown.nodeId());
        assertThat(parsed.staticKey()).isEqualTo(X25519Keys.publicKey(identity.staticSecret()));
    }

    @Test
    void parse_anyByteChanged_isNull() {
        for (int i = 0; i < PublicIdentity.ENCODED_BYTES; i++) {
            byte[] encoded = shown.encode();
            encoded[i] ^= (byte) (1 << (i % 8));
            assertThat(PublicIdentity.parse(encoded)).as("byte %d", i).isNull();
        }
    }

    @Test
    void parse_wrongLength_isNull() {
        byte[] encoded = shown.encode();
        for (int length = 0; length < encoded.length; length++) {
            assertThat(PublicIdentity.parse(Arrays.copyOf(encoded, length))).isNull();
        }
        assertThat(PublicIdentity.parse(Arrays.copyOf(encoded, 129))).isNull();
        assertThat(PublicIdentity.of(new byte[31], new byte[32], new byte[64])).isNull();
    }

    @Test
    void parse_staticKeyOfSmallOrderProperlySigned_isNull() {
        byte[] seed = new byte[32];
        keys.fill(seed);
        byte[] good = X25519Keys.publicKey(seed);
        assertThat(signedBy(seed, good)).isNotNull();
        assertThat(signedBy(seed, new byte[32])).isNull();
        byte[] one = new byte[32];
        one[0] = 1;
        assertThat(signedBy(seed, one)).isNull();
    }

    @Test
    void parse_signingKeyOfSmallOrder_isNull() {
        // With the neutral element as key, R = neutral and S = 0 "signs" everything.
        byte[] neutral = new byte[32];
        neutral[0] = 1;
        byte[] signature = new byte[64];
        signature[0] = 1;
        assertThat(PublicIdentity.of(neutral, shown.staticKey(), signature)).isNull();
    }

    @Test
    void nodeId_ofAKey_isTheDomainSeparatedDigest() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update("p2pvpn overlay id v1".getBytes(UTF_8));
        assertThat(shown.nodeId()).isEqualTo(OverlayId.ofHash(digest.digest(shown.signingKey())));
    }

    @Test
    void privateId_differentSalts_areUnlinked() throws Exception {
        byte[] salt = {1, 2, 3};
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update("p2pvpn private id v1".getBytes(UTF_8));
        digest.update(new byte[] {0, 0, 0, 3, 1, 2, 3});
        assertThat(shown.privateId(salt)).isEqualTo(OverlayId.ofHash(digest.digest(shown.signingKey())));
        assertThat(shown.privateId(new byte[] {1, 2})).isNotEqualTo(shown.privateId(salt));
        assertThat(shown.privateId(new byte[0])).isNotEqualTo(shown.nodeId());
    }

    @Test
    void verify_ownSignature_holdsForThatContextAndMessageOnly() {
        byte[] message = "a lease".getBytes(UTF_8);
        byte[] signature = identity.sign("record", message);
        assertThat(shown.verify("record", message, signature)).isTrue();
        assertThat(shown.verify("recor", message, signature)).isFalse();
        assertThat(shown.verify("record", "a leash".getBytes(UTF_8), signature)).isFalse();
        assertThat(Identity.generate(keys).publicIdentity().verify("record", message, signature))
                .isFalse();
        assertThat(shown.verify("record", message, Arrays.copyOf(signature, 63)))
                .isFalse();
        assertThat(shown.verify("record", message, new byte[64])).isFalse();
        for (int i = 0; i < signature.length; i++) {
            byte[] forged = signature.clone();
            forged[i] ^= 0x10;
            assertThat(shown.verify("record", message, forged)).as("byte %d", i).isFalse();
        }
    }

    @Test
    void sign_contextBoundary_isNotAmbiguous() {
        byte[] signature = identity.sign("ab", "cd".getBytes(UTF_8));
        assertThat(shown.verify("abc", "d".getBytes(UTF_8), signature)).isFalse();
        assertThatThrownBy(() -> identity.sign("a\0b", new byte[1])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> identity.sign("p2pvpn static key v1", new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sign_anyMessage_satisfiesThePlatformsEd25519() throws Exception {
        byte[] x509 = HexFormat.of()
                .parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(shown.signingKey()));
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(x509)));
        verifier.update("record\0message".getBytes(UTF_8));
        assertThat(verifier.verify(identity.sign("record", "message".getBytes(UTF_8))))
                .isTrue();
    }

    @Test
    void parse_encodedIdentity_roundTrips() {
        byte[] encoded = identity.encode();
        Identity parsed = Identity.parse(encoded);
        assertThat(encoded).hasSize(Identity.ENCODED_BYTES).startsWith(1);
        assertThat(parsed.publicIdentity()).isEqualTo(shown);
        assertThat(parsed.staticSecret()).isEqualTo(identity.staticSecret());
        assertThat(parsed.encode()).isEqualTo(encoded);
    }

    @Test
    void parse_damagedIdentity_isNull() {
        byte[] encoded = identity.encode();
        for (int i = 0; i < encoded.length; i++) {
            byte[] damaged = encoded.clone();
            damaged[i] ^= 1;
            assertThat(Identity.parse(damaged)).as("byte %d", i).isNull();
            assertThat(Identity.parse(Arrays.copyOf(encoded, i))).isNull();
        }
        assertThat(Identity.parse(Arrays.copyOf(encoded, encoded.length + 1))).isNull();
    }

    @Test
    void toString_bothForms_showOnlyTheShortId() {
        assertThat(identity.toString()).isEqualTo(shown.nodeId().toShortString());
        assertThat(shown.toString()).isEqualTo(shown.nodeId().toShortString());
    }

    private static PublicIdentity signedBy(byte[] seed, byte[] staticKey) {
        byte[] publicKey = new byte[32];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        byte[] content = SignedContent.ofStaticKey(staticKey);
        byte[] signature = new byte[64];
        Ed25519.sign(seed, 0, content, 0, content.length, signature, 0);
        return PublicIdentity.of(publicKey, staticKey, signature);
    }
}

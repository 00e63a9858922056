package io.p2pvpn.vpn.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.p2pvpn.vpn.tun.Cidr;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class NamespaceDescriptorTest {

    private final TrustFixture fixture = new TrustFixture();
    private final NamespaceDescriptor.Terms terms = fixture.namespace("lab", true, "10.20.0.0/16");
    private final NamespaceDescriptor descriptor = fixture.authority.describe(terms);

    @BeforeAll
    static void printSeed() {
        System.out.println("NamespaceDescriptorTest p2pvpn.seed=" + TrustFixture.SEED);
    }

    @Test
    void parse_encodedDescriptor_roundTrips() {
        NamespaceDescriptor parsed = NamespaceDescriptor.parse(descriptor.encode());
        assertThat(parsed).isEqualTo(descriptor).hasSameHashCodeAs(descriptor);
        assertThat(parsed.terms()).isEqualTo(terms);
        assertThat(parsed.caKey()).isEqualTo(fixture.authority.publicKey());
        assertThat(parsed.id()).isEqualTo(fixture.authority.namespaceId());
        assertThat(parsed.name()).isEqualTo("lab");
        assertThat(parsed.open()).isTrue();
        assertThat(parsed.prefix()).hasToString("10.20.0.0/16");
        assertThat(parsed.ulaHigh()).isEqualTo(terms.ulaHigh());
        assertThat(parsed.salt()).isEqualTo(terms.salt());
        assertThat(parsed.createdMillis()).isEqualTo(TrustFixture.NOW_MILLIS);
    }

    @Test
    void parse_extremesOfEveryField_roundTrip() {
        for (String prefix : List.of("10.0.0.0/8", "192.168.0.0/29", "223.255.255.248/29")) {
            for (String name : List.of("a", "Z.9-_", "x".repeat(Names.NAME_CHARS_MAX))) {
                NamespaceDescriptor made = fixture.authority.describe(fixture.namespace(name, false, prefix));
                assertThat(made.encode()).hasSizeLessThanOrEqualTo(NamespaceDescriptor.ENCODED_BYTES_MAX);
                assertThat(NamespaceDescriptor.parse(made.encode())).isEqualTo(made);
            }
        }
        assertThat(NamespaceDescriptor.ENCODED_BYTES_MAX).isLessThanOrEqualTo(512);
    }

    @Test
    void parse_cutOrLonger_isNull() {
        byte[] encoded = descriptor.encode();
        for (int length = 0; length < encoded.length; length++) {
            assertThat(NamespaceDescriptor.parse(Arrays.copyOf(encoded, length)))
                    .as("length %d", length)
                    .isNull();
        }
        assertThat(NamespaceDescriptor.parse(Arrays.copyOf(encoded, encoded.length + 1)))
                .isNull();
    }

    @Test
    void parse_anyBitFlipped_isNull() {
        for (int bit = 0; bit < 8 * descriptor.encode().length; bit++) {
            byte[] encoded = descriptor.encode();
            encoded[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(NamespaceDescriptor.parse(encoded)).as("bit %d", bit).isNull();
        }
    }

    @Test
    void parse_randomBytes_isNull() {
        byte[] encoded = descriptor.encode();
        for (int i = 0; i < 5_000; i++) {
            assertThat(NamespaceDescriptor.parse(fixture.bytes(fixture.random.nextInt(300))))
                    .isNull();
            assertThat(NamespaceDescriptor.parse(fixture.damaged(encoded))).isNull();
        }
    }

    /** The signature is right, only the fields are not: what a hostile authority could send. */
    @Test
    void parse_wrongFieldsSignedByTheirAuthority_isNull() {
        assertThat(NamespaceDescriptor.parse(resigned(0, 1))).isNotNull();
        assertThat(NamespaceDescriptor.parse(resigned(0, 2))).as("version").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(1, 2))).as("flags").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(34, 0x80))).as("created").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(42, 127))).as("loopback").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(42, 224))).as("multicast").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(45, 1))).as("host bits").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(46, 7))).as("prefix /7").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(46, 30))).as("prefix /30").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(46, 0xff)))
                .as("prefix /255")
                .isNull();
        assertThat(NamespaceDescriptor.parse(resigned(47, 0xfc)))
                .as("not a ULA")
                .isNull();
        assertThat(NamespaceDescriptor.parse(resigned(72, '/'))).as("name").isNull();
        assertThat(NamespaceDescriptor.parse(resigned(72, '.')))
                .as("name begins with a dot")
                .isNull();
        assertThat(NamespaceDescriptor.parse(resigned(72, 0xe9)))
                .as("name not ASCII")
                .isNull();
    }

    @Test
    void parse_keyOfSmallOrder_isNull() {
        // Under the neutral point as key, R = [S]B is a signature of everything.
        byte[] encoded = descriptor.encode();
        Arrays.fill(encoded, 2, 34, (byte) 0);
        encoded[2] = 1;
        int signature = encoded.length - Ed25519.SIGNATURE_SIZE;
        Arrays.fill(encoded, signature, encoded.length, (byte) 0);
        encoded[signature] = 1;
        assertThat(NamespaceDescriptor.parse(encoded)).isNull();
    }

    @Test
    void describe_sameTermsByAnotherAuthority_isAnotherNamespace() {
        NamespaceAuthority other = NamespaceAuthority.generate(fixture.random::nextBytes);
        NamespaceDescriptor sameName = other.describe(terms);
        assertThat(sameName.name()).isEqualTo(descriptor.name());
        assertThat(sameName.id()).isNotEqualTo(descriptor.id());
        byte[] stolen = sameName.encode();
        System.arraycopy(descriptor.caKey(), 0, stolen, 2, 32);
        assertThat(NamespaceDescriptor.parse(stolen)).isNull();
    }

    @Test
    void terms_changedArrays_doNotChangeThem() {
        byte[] salt = fixture.bytes(16);
        NamespaceDescriptor.Terms made =
                new NamespaceDescriptor.Terms("lab", false, terms.prefix(), terms.ulaHigh(), salt, 0);
        byte[] before = salt.clone();
        salt[0]++;
        made.salt()[1]++;
        assertThat(made.salt()).isEqualTo(before);
    }

    @Test
    void terms_wrong_areRefused() {
        for (String name : List.of("", ".", "..", "-x", "_x", "a/b", "a b", "é", "a\0", "x".repeat(64))) {
            assertThatIllegalArgumentException().isThrownBy(() -> fixture.namespace(name, true, "10.1.0.0/16"));
        }
        for (String prefix : List.of(
                "8.0.0.0/7", "10.0.0.0/30", "0.1.0.0/16", "127.0.0.0/8", "169.0.0.0/8", "240.0.0.0/8", "fd00::/16")) {
            assertThatIllegalArgumentException().isThrownBy(() -> fixture.namespace("lab", true, prefix));
        }
        Cidr prefix = terms.prefix();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new NamespaceDescriptor.Terms("lab", true, prefix, terms.ulaHigh(), fixture.bytes(15), 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NamespaceDescriptor.Terms("lab", true, prefix, 0xfcL << 56, terms.salt(), 0));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new NamespaceDescriptor.Terms("lab", true, prefix, terms.ulaHigh(), terms.salt(), -1));
    }

    private byte[] resigned(int offset, int value) {
        byte[] encoded = descriptor.encode();
        encoded[offset] = (byte) value;
        int bodyBytes = encoded.length - Ed25519.SIGNATURE_SIZE;
        byte[] signature = fixture.authority.sign(DescriptorCodec.signed(Arrays.copyOf(encoded, bodyBytes)));
        System.arraycopy(signature, 0, encoded, bodyBytes, signature.length);
        return encoded;
    }
}

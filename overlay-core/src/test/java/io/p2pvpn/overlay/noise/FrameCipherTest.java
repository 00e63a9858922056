package io.p2pvpn.overlay.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class FrameCipherTest {
    private record Variant(CipherProvider provider, CipherSuite suite) {
        FrameCipher cipher(byte[] key, boolean sealing) {
            return new PlatformFrameCipher(provider, suite, key, sealing);
        }

        @Override
        public String toString() {
            return provider.name() + " " + suite;
        }
    }

    /** Both suites of the platform, and what Corretto has where it runs. */
    static Stream<Variant> variants() {
        return Stream.of(
                        new Variant(CipherProvider.platform(), CipherSuite.AES_256_GCM),
                        new Variant(CipherProvider.platform(), CipherSuite.CHACHA20_POLY1305),
                        new Variant(CipherProvider.best(), CipherSuite.AES_256_GCM))
                .distinct();
    }

    private static final long SEED = Long.getLong("p2pvpn.seed", 96);
    private static final int[] SIZES = {
        0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 1279, 1280, 1400, 1500, 9000, 65_535
    };
    private static final int AAD_BYTES = 20;

    private final Random random = new Random(SEED);
    private final byte[] key = bytes(CipherSuite.KEY_BYTES);
    private final byte[] aad = bytes(AAD_BYTES);

    @BeforeAll
    static void printSeed() {
        System.out.println("FrameCipherTest p2pvpn.seed=" + SEED);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void open_sealedFramesOfManySizes_givesTheContent(Variant variant) {
        FrameCipher sealer = variant.cipher(key, true);
        FrameCipher opener = variant.cipher(key, false);
        long counter = -3;
        for (int size : SIZES) {
            byte[] content = bytes(size);
            byte[] sealed = new byte[5 + size + FrameCipher.TAG_BYTES + 3];
            byte[] opened = new byte[7 + size + 2];
            assertThat(sealer.seal(9, counter, aad, 2, 16, content, 0, size, sealed, 5))
                    .isEqualTo(size + FrameCipher.TAG_BYTES);
            assertThat(opener.open(9, counter, aad, 2, 16, sealed, 5, size + FrameCipher.TAG_BYTES, opened, 7))
                    .isEqualTo(size);
            assertThat(Arrays.copyOfRange(opened, 7, 7 + size)).isEqualTo(content);
            assertThat(sealed).startsWith(0, 0, 0, 0, 0).endsWith(0, 0, 0);
            assertThat(opened).startsWith(0, 0, 0, 0, 0, 0, 0).endsWith(0, 0);
            counter++;
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void seal_knownNonce_isTheLaneThenTheCounterBigEndian(Variant variant) throws Exception {
        byte[] nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        byte[] content = bytes(100);
        byte[] sealed = new byte[116];
        variant.cipher(key, true).seal(0x01020304, 0x05060708_090a0b0cL, aad, 0, AAD_BYTES, content, 0, 100, sealed, 0);
        boolean aes = variant.suite == CipherSuite.AES_256_GCM;
        Cipher plain = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        plain.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(key, aes ? "AES" : "ChaCha20"),
                aes ? new GCMParameterSpec(128, nonce) : new IvParameterSpec(nonce));
        plain.updateAAD(aad);
        assertThat(sealed).isEqualTo(plain.doFinal(content));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void open_anyBitChanged_isNotAuthentic(Variant variant) {
        FrameCipher opener = variant.cipher(key, false);
        byte[] sealed = sealed(variant, 40);
        byte[] out = new byte[40];
        for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
            byte[] changed = flip(sealed, bit);
            assertThat(opener.open(1, 2, aad, 0, AAD_BYTES, changed, 0, changed.length, out, 0))
                    .as("bit %d of the frame", bit)
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        }
        for (int bit = 0; bit < AAD_BYTES * Byte.SIZE; bit++) {
            assertThat(opener.open(1, 2, flip(aad, bit), 0, AAD_BYTES, sealed, 0, sealed.length, out, 0))
                    .as("bit %d of the header", bit)
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        }
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            assertThat(opener.open(1 ^ (1 << bit), 2, aad, 0, AAD_BYTES, sealed, 0, sealed.length, out, 0))
                    .as("bit %d of the lane", bit)
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        }
        for (int bit = 0; bit < Long.SIZE; bit++) {
            assertThat(opener.open(1, 2 ^ (1L << bit), aad, 0, AAD_BYTES, sealed, 0, sealed.length, out, 0))
                    .as("bit %d of the counter", bit)
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        }
        assertThat(opener.open(1, 2, aad, 0, AAD_BYTES - 1, sealed, 0, sealed.length, out, 0))
                .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        assertThat(opener.open(1, 2, aad, 0, AAD_BYTES, sealed, 0, sealed.length, out, 0))
                .as("the untouched frame after all that")
                .isEqualTo(40);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void open_anyTruncation_isNotAuthentic(Variant variant) {
        FrameCipher opener = variant.cipher(key, false);
        byte[] sealed = sealed(variant, 40);
        for (int length = 0; length < sealed.length; length++) {
            assertThat(opener.open(1, 2, aad, 0, AAD_BYTES, sealed, 0, length, new byte[40], 0))
                    .as("length %d", length)
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void open_otherKey_isNotAuthentic(Variant variant) {
        byte[] sealed = sealed(variant, 40);
        assertThat(variant.cipher(flip(key, 77), false)
                        .open(1, 2, aad, 0, AAD_BYTES, sealed, 0, sealed.length, new byte[40], 0))
                .isEqualTo(FrameCipher.NOT_AUTHENTIC);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void open_authenticFrameRepeatedlyAndAfterAForgery_opensEachTime(Variant variant) {
        FrameCipher opener = variant.cipher(key, false);
        byte[] sealed = sealed(variant, 40);
        byte[] out = new byte[40];
        byte[] forged = flip(sealed, 5);
        for (int i = 0; i < 3; i++) {
            assertThat(opener.open(1, 2, aad, 0, AAD_BYTES, forged, 0, forged.length, out, 0))
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
            assertThat(opener.open(1, 2, aad, 0, AAD_BYTES, sealed, 0, sealed.length, out, 0))
                    .isEqualTo(40);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void seal_sameNonceTwice_isRefused(Variant variant) {
        FrameCipher sealer = variant.cipher(key, true);
        byte[] out = new byte[56];
        sealer.seal(1, 2, aad, 0, AAD_BYTES, new byte[40], 0, 40, out, 0);
        assertThatThrownBy(() -> sealer.seal(1, 2, aad, 0, AAD_BYTES, new byte[40], 0, 40, out, 0))
                .isInstanceOf(IllegalStateException.class);
        assertThat(sealer.seal(1, 3, aad, 0, AAD_BYTES, new byte[40], 0, 40, out, 0))
                .isEqualTo(56);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void seal_misuse_isRefused(Variant variant) {
        FrameCipher sealer = variant.cipher(key, true);
        FrameCipher opener = variant.cipher(key, false);
        byte[] buffer = new byte[100];
        assertThatThrownBy(() -> opener.seal(1, 2, aad, 0, 0, buffer, 0, 40, new byte[56], 0))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> sealer.open(1, 2, aad, 0, 0, buffer, 0, 56, new byte[40], 0))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> sealer.seal(1, 2, aad, 0, 0, buffer, 0, 40, buffer, 39))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> opener.open(1, 2, aad, 0, 0, buffer, 0, 56, buffer, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sealer.seal(1, 2, aad, 0, 0, buffer, 0, 40, new byte[55], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> variant.cipher(new byte[16], true)).isInstanceOf(IllegalArgumentException.class);
        assertThat(sealer.seal(1, 2, aad, 0, 0, buffer, 0, 40, buffer, 40)).isEqualTo(56);
        assertThat(opener.open(1, 2, aad, 0, 0, buffer, 40, 56, buffer, 0)).isEqualTo(40);
    }

    private byte[] sealed(Variant variant, int size) {
        byte[] sealed = new byte[size + FrameCipher.TAG_BYTES];
        variant.cipher(key, true).seal(1, 2, aad, 0, AAD_BYTES, bytes(size), 0, size, sealed, 0);
        return sealed;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] flip(byte[] original, int bit) {
        byte[] changed = original.clone();
        changed[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
        return changed;
    }
}

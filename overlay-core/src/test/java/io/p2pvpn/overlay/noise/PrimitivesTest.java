package io.p2pvpn.overlay.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Digests, Mac16 and X25519Keys against the published examples of their standards. */
final class PrimitivesTest {

    private static final String P_MINUS_ONE = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";

    @Test
    void sha256_partsOfAbc_equalsTheStandardsExample() {
        assertThat(Digests.sha256("a".getBytes(US_ASCII), new byte[0], "bc".getBytes(US_ASCII)))
                .isEqualTo(hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    @Test
    void hmac_rfc4231Case2_equalsTheRfc() {
        byte[] key = "Jefe".getBytes(US_ASCII);
        byte[] expected = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assertThat(Digests.hmac(key, "what do ya want ".getBytes(US_ASCII), "for nothing?".getBytes(US_ASCII)))
                .isEqualTo(expected);
    }

    @Test
    void constantTimeEquals_sameAndDifferentBytes_tellsThemApart() {
        assertThat(Digests.constantTimeEquals(new byte[] {1, 2}, new byte[] {1, 2}))
                .isTrue();
        assertThat(Digests.constantTimeEquals(new byte[] {1, 2}, new byte[] {1, 3}))
                .isFalse();
        assertThat(Digests.constantTimeEquals(new byte[] {1, 2}, new byte[] {1}))
                .isFalse();
    }

    @Test
    void write_rfc4231Case2_equalsTheFirst16Bytes() {
        Mac16 mac = new Mac16("Jefe".getBytes(US_ASCII));
        byte[] buffer = "..what do ya want for nothing?..".getBytes(US_ASCII);
        byte[] out = new byte[20];
        for (int repeated = 0; repeated < 2; repeated++) {
            Arrays.fill(out, (byte) 7);
            mac.write(buffer, 2, 28, out, 3);
            assertThat(out).isEqualTo(hex("070707" + "5bdcc146bf60754e6a042426089575c7" + "07"));
            assertThat(mac.matches(buffer, 2, 28, out, 3)).isTrue();
        }
        assertThat(mac.matches(buffer, 1, 28, out, 3)).isFalse();
        for (int i = 3; i < 19; i++) {
            byte[] forged = out.clone();
            forged[i] ^= (byte) 0x80;
            assertThat(mac.matches(buffer, 2, 28, forged, 3)).isFalse();
        }
        assertThatThrownBy(() -> mac.write(buffer, 2, 28, out, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void agree_rfc7748Section61_equalsTheRfc() {
        byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        byte[] alicePublic = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        byte[] bobPublic = hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
        byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assertThat(X25519Keys.publicKey(alice)).isEqualTo(alicePublic);
        assertThat(X25519Keys.publicKey(bob)).isEqualTo(bobPublic);
        assertThat(X25519Keys.agree(alice, bobPublic)).isEqualTo(shared);
        assertThat(X25519Keys.agree(bob, alicePublic)).isEqualTo(shared);
    }

    @Test
    void agree_smallOrder_isNullAndNotAcceptable() {
        byte[] secret = new byte[32];
        new Random(1).nextBytes(secret);
        List<String> smallOrder = List.of(
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                P_MINUS_ONE,
                P_MINUS_ONE.replaceFirst("ec", "ed"),
                P_MINUS_ONE.replaceFirst("ec", "ee"));
        for (String point : smallOrder) {
            byte[] key = hex(point);
            assertThat(X25519Keys.agree(secret, key)).as(point).isNull();
            assertThat(X25519Keys.isAcceptable(key)).as(point).isFalse();
            key[31] |= (byte) 0x80;
            assertThat(X25519Keys.agree(secret, key)).as(point).isNull();
            assertThat(X25519Keys.isAcceptable(key)).as(point).isFalse();
        }
        assertThat(X25519Keys.isAcceptable(hex(P_MINUS_ONE.replaceFirst("ec", "ef"))))
                .isTrue();
        assertThat(X25519Keys.agree(secret, hex(P_MINUS_ONE.replaceFirst("ec", "ef"))))
                .isNotNull();
        assertThat(X25519Keys.isAcceptable(new byte[31])).isFalse();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}

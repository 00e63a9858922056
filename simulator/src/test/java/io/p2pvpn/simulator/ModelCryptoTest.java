package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.noise.SessionCrypto;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelCryptoTest {
    private static final int NODES = 24;
    private static final long LIMIT_NANOS = 300 * RingWorld.SECOND_NANOS;
    private static final long CHURN_NANOS = 120 * RingWorld.SECOND_NANOS;
    private static final long SESSION_NANOS = 60 * RingWorld.SECOND_NANOS;
    private static final SessionCrypto MODEL = new ModelCrypto();

    /** Joins, look-ups, records that move, crashes and departures, over lossy links. */
    private static String digest(long seed, SessionCrypto crypto) {
        DhtWorld dhts = new DhtWorld(seed, LinkModel.INTERNET.withLoss(0.01));
        dhts.world().setShapeOnly(true);
        dhts.ring().setPlaced(true);
        dhts.ring().setTraversing(true);
        dhts.ring().setCrypto(crypto);
        assertThat(dhts.start(NODES, LIMIT_NANOS)).isTrue();
        DhtChurn churn = new DhtChurn(dhts, new DhtChurn.Options(NODES, CHURN_NANOS, SESSION_NANOS, 2, CHURN_NANOS));
        dhts.world().run(churn.begin());
        assertThat(churn.lookUps()).isGreaterThan(100);
        return dhts.world().digest();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void churn_modelledAndTrueCrypto_makeTheSameHistory(long seed) {
        assertThat(digest(seed, MODEL)).isEqualTo(digest(seed, SessionCrypto.PLATFORM));
    }

    @Test
    void agree_bothSides_getTheSameAndNobodyElse() {
        byte[] a = new byte[32];
        byte[] b = new byte[32];
        byte[] c = new byte[32];
        Arrays.fill(a, (byte) 1);
        Arrays.fill(b, (byte) 2);
        Arrays.fill(c, (byte) 3);
        byte[] shared = MODEL.agree(a, MODEL.publicKey(a), MODEL.publicKey(b));
        assertThat(MODEL.agree(b, MODEL.publicKey(b), MODEL.publicKey(a))).isEqualTo(shared);
        assertThat(MODEL.agree(c, MODEL.publicKey(c), MODEL.publicKey(a))).isNotEqualTo(shared);
    }

    @Test
    void open_whatWasSealedOtherwise_isNotAuthentic() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] key = new byte[CipherSuite.KEY_BYTES];
        random.nextBytes(key);
        byte[] otherKey = key.clone();
        otherKey[9] ^= 1;
        FrameCipher sealer = MODEL.newCipher(CipherSuite.AES_256_GCM, key, true);
        FrameCipher opener = MODEL.newCipher(CipherSuite.AES_256_GCM, key, false);
        FrameCipher stranger = MODEL.newCipher(CipherSuite.AES_256_GCM, otherKey, false);
        for (int length = 0; length < 100; length++) {
            byte[] plain = new byte[length];
            random.nextBytes(plain);
            byte[] sealed = new byte[length + FrameCipher.TAG_BYTES];
            assertThat(sealer.seal(3, length, plain, 0, 0, plain, 0, length, sealed, 0))
                    .isEqualTo(sealed.length);
            byte[] out = new byte[length];
            assertThat(opener.open(3, length, plain, 0, 0, sealed, 0, sealed.length, out, 0))
                    .isEqualTo(length);
            assertThat(out).isEqualTo(plain);
            assertThat(opener.open(2, length, plain, 0, 0, sealed, 0, sealed.length, out, 0))
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
            assertThat(opener.open(3, length + 1, plain, 0, 0, sealed, 0, sealed.length, out, 0))
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
            assertThat(stranger.open(3, length, plain, 0, 0, sealed, 0, sealed.length, out, 0))
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
            sealed[random.nextInt(sealed.length)] ^= 4;
            assertThat(opener.open(3, length, plain, 0, 0, sealed, 0, sealed.length, out, 0))
                    .isEqualTo(FrameCipher.NOT_AUTHENTIC);
        }
    }
}

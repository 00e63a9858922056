package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Sealed files and their salt are read or refused, and nothing is opened that was not sealed with the key. */
class StateKeyFuzzTest {
    private static final long SEED = 20261129;
    private static final int MUTATIONS = 2_000;
    private static final String NAME = "namespaces/lab";

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final StateKey key = new StateKey(new byte[32], random::nextBytes);

    @FuzzTest
    void sealedFile(byte[] bytes) {
        assertThat(key.open(NAME, bytes)).isNull();
        assertThat(StateKey.isOfLaterVersion(bytes) && !StateKey.isSealed(bytes))
                .isFalse();
    }

    @FuzzTest
    void salt(byte[] bytes) {
        SaltFile salt = SaltFile.parse(bytes);
        assertThat(salt == null || Arrays.equals(salt.encode(), bytes)).isTrue();
        assertThat(salt == null || !SaltFile.isOfLaterVersion(bytes)).isTrue();
    }

    /** Without a fuzzing engine: valid ones, changed at random places, cut and made longer. */
    @Test
    void mutations_ofValidOnes_areRefused() throws Exception {
        byte[] sealed = key.seal(NAME, "content".getBytes(StandardCharsets.UTF_8));
        assertThat(key.open(NAME, sealed)).asString(StandardCharsets.UTF_8).isEqualTo("content");
        assertThat(key.open("namespaces/lab2", sealed)).isNull();
        StateSealing sealing = new StateSealing(Passphrase.of("x"), Set.of(), Set.of());
        byte[] salt = SaltFile.make(sealing, random::nextBytes).encode();
        assertThat(SaltFile.parse(salt)).isNotNull();
        for (int i = 0; i < MUTATIONS; i++) {
            sealedFile(damaged(sealed));
            assertThat(SaltFile.parse(damaged(salt))).isNull();
        }
    }

    private byte[] damaged(byte[] sound) {
        if (random.nextInt(4) == 0) {
            int length = random.nextInt(2 * sound.length);
            return Arrays.copyOf(sound, length == sound.length ? length + 1 : length);
        }
        byte[] changed = sound.clone();
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }
}

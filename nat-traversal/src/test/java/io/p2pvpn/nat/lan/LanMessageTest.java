package io.p2pvpn.nat.lan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LanMessageTest {
    private static final LanMessage MESSAGE =
            new LanMessage(LanMessage.Kind.IN_RING, 0xFEDC_BA98_7654_3210L, 65_535, 4001);

    @Test
    void layout_isAsSpecified() {
        assertThat(HexFormat.of().formatHex(MESSAGE.encode())).isEqualTo("7032707601010000fedcba9876543210ffff0fa1");
    }

    @Test
    void longerOnes_areReadUpToWhatIsKnown() {
        assertThat(LanMessage.decode(Arrays.copyOf(MESSAGE.encode(), 100))).isEqualTo(MESSAGE);
    }

    @Test
    void truncatedAndForeignOnes_areNone() {
        byte[] sound = MESSAGE.encode();
        for (int length = 0; length < sound.length; length++) {
            assertThat(LanMessage.decode(Arrays.copyOf(sound, length))).isNull();
        }
        for (int at = 0; at < 6; at++) {
            byte[] damaged = sound.clone();
            damaged[at] ^= (byte) 0x80;
            assertThat(LanMessage.decode(damaged)).isNull();
        }
    }

    @Test
    void noise_neverThrows() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] sound = MESSAGE.encode();
        for (int i = 0; i < 10_000; i++) {
            byte[] noise = sound.clone();
            noise[random.nextInt(noise.length)] = (byte) random.nextInt();
            LanMessage read = LanMessage.decode(noise);
            assertThat(read == null || Arrays.equals(read.encode(), 8, 20, noise, 8, 20))
                    .isTrue();
        }
    }
}

package io.p2pvpn.vpn.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.noise.SealedValue;
import io.p2pvpn.overlay.runtime.KeySource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class NamespaceSecretTest {
    private static final KeySource KEYS = new Random(1)::nextBytes;

    @Test
    void periods_clocksThatDifferByLessThanTwiceTheOverlap_alwaysShareOne() {
        Random random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            long now = random.nextLong(1L << 42);
            long skew = random.nextLong(2 * NamespaceSecret.OVERLAP_MILLIS + 1);
            List<Long> shared = new ArrayList<>(NamespaceSecret.periodsAt(now));
            shared.retainAll(NamespaceSecret.periodsAt(now + skew));
            assertThat(shared).as("at %d, %d apart", now, skew).isNotEmpty();
        }
    }

    @Test
    void periods_farFromABoundary_areOne() {
        long hour = 500_000 * NamespaceSecret.PERIOD_MILLIS;
        assertThat(NamespaceSecret.periodsAt(hour + NamespaceSecret.PERIOD_MILLIS / 2))
                .containsExactly(500_000L);
        assertThat(NamespaceSecret.periodsAt(hour + 1)).containsExactly(499_999L, 500_000L);
        assertThat(NamespaceSecret.periodsAt(hour - 1)).containsExactly(499_999L, 500_000L);
    }

    @Test
    void placeAndKey_otherPeriodOrOtherSecret_areOthers() {
        NamespaceSecret secret = NamespaceSecret.generate(KEYS);
        NamespaceSecret other = NamespaceSecret.generate(KEYS);
        NamespaceSecret same = NamespaceSecret.of(secret.encode());
        assertThat(same).isNotNull();
        assertThat(same.placeOf(7)).isEqualTo(secret.placeOf(7));
        assertThat(same.sealingKeyOf(7)).isEqualTo(secret.sealingKeyOf(7)).hasSize(32);
        assertThat(secret.placeOf(8)).isNotEqualTo(secret.placeOf(7));
        assertThat(secret.sealingKeyOf(8)).isNotEqualTo(secret.sealingKeyOf(7));
        assertThat(other.placeOf(7)).isNotEqualTo(secret.placeOf(7));
        assertThat(other.sealingKeyOf(7)).isNotEqualTo(secret.sealingKeyOf(7));
    }

    @Test
    void of_wrongLength_isNone() {
        assertThat(NamespaceSecret.of(ByteString.EMPTY)).isNull();
        assertThat(NamespaceSecret.of(ByteString.copyFrom(new byte[31]))).isNull();
        assertThat(NamespaceSecret.of(ByteString.copyFrom(new byte[33]))).isNull();
    }

    @Test
    void sealedValue_roundTripDamageAndOtherOwner() {
        byte[] key = new byte[32];
        byte[] owner = {1, 2, 3};
        byte[] plain = {9, 8, 7, 6};
        byte[] sealed = SealedValue.seal(KEYS, key, owner, plain);
        assertThat(sealed).hasSize(plain.length + SealedValue.OVERHEAD_BYTES);
        assertThat(SealedValue.open(key, owner, sealed)).isEqualTo(plain);
        assertThat(SealedValue.seal(KEYS, key, owner, plain)).isNotEqualTo(sealed);
        assertThat(SealedValue.open(key, new byte[] {1, 2, 4}, sealed)).isNull();
        for (int length = 0; length < sealed.length; length++) {
            assertThat(SealedValue.open(key, owner, Arrays.copyOf(sealed, length)))
                    .isNull();
        }
        for (int at = 0; at < sealed.length; at++) {
            byte[] damaged = sealed.clone();
            damaged[at] ^= 1;
            assertThat(SealedValue.open(key, owner, damaged)).isNull();
        }
    }
}

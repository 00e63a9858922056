package io.p2pvpn.overlay.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IdentityCacheTest {
    private final SplittableRandom random = new SplittableRandom(7);

    private PublicIdentity identity() {
        return Identity.generate(random::nextBytes).publicIdentity();
    }

    @Test
    void parse_sameBytesTwice_isTheSameObject() {
        IdentityCache cache = new IdentityCache();
        PublicIdentity identity = identity();
        PublicIdentity first = cache.parse(ByteString.copyFrom(identity.encode()));
        assertThat(first).isEqualTo(identity);
        assertThat(cache.parse(ByteString.copyFrom(identity.encode()))).isSameAs(first);
        assertThat(cache.size()).isOne();
    }

    @Test
    void parse_anyDamage_isNullAndNotKept() {
        IdentityCache cache = new IdentityCache();
        byte[] encoded = identity().encode();
        assertThat(cache.parse(ByteString.copyFrom(encoded))).isNotNull();
        for (int i = 0; i < encoded.length; i++) {
            byte[] damaged = encoded.clone();
            damaged[i] ^= 1;
            assertThat(cache.parse(ByteString.copyFrom(damaged)))
                    .as("byte " + i)
                    .isNull();
            assertThat(cache.parse(ByteString.copyFrom(encoded, 0, i))).isNull();
        }
        assertThat(cache.size()).isOne();
    }

    @Test
    void of_partsOfOtherLengths_isNullEvenIfTheirWholeIsKnown() {
        IdentityCache cache = new IdentityCache();
        byte[] encoded = identity().encode();
        assertThat(cache.parse(ByteString.copyFrom(encoded))).isNotNull();
        for (int shift : new int[] {-1, 0, 1}) {
            PublicIdentity found = cache.of(
                    ByteString.copyFrom(encoded, 0, 32 + shift),
                    Arrays.copyOfRange(encoded, 32 + shift, 64 + shift),
                    ByteString.copyFrom(encoded, 64 + shift, 64 - shift));
            assertThat(found != null).as("shift " + shift).isEqualTo(shift == 0);
        }
    }

    @Test
    void parse_moreThanItHolds_forgetsTheLeastRecentlyUsed() {
        IdentityCache cache = new IdentityCache(2);
        ByteString a = ByteString.copyFrom(identity().encode());
        ByteString b = ByteString.copyFrom(identity().encode());
        ByteString c = ByteString.copyFrom(identity().encode());
        PublicIdentity firstA = cache.parse(a);
        PublicIdentity firstB = cache.parse(b);
        assertThat(cache.parse(a)).isSameAs(firstA);
        assertThat(cache.parse(c)).isNotNull();
        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.parse(a)).isSameAs(firstA);
        assertThat(cache.parse(b)).isNotNull().isNotSameAs(firstB);
        assertThatThrownBy(() -> new IdentityCache(0)).isInstanceOf(IllegalArgumentException.class);
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.RingWorld.Member;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The same seed makes the same run, byte for byte, on every JDK. */
class ProtocolDigestTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Change these only together with the protocol or its timing; every supported JDK must agree on them. */
    private static final List<String> DIGESTS = List.of(
            "06d2ec1b2b199b7f38415db822ba243e4c248d445004f1eaddf35ce7fd23139b",
            "5226d6197ee91918793ad3619ea4b0f87b6c6cbcf79157b35e74adc4e0a9194d",
            "ae46273c1c9e4cd69f67289c4b58a78602257b4879ea589f3cf1f81778b2c9e2");

    private static String digestOf(long seed) {
        LinkModel link = LinkModel.INTERNET.withLoss(0.1).withReordering(0.1, 50_000_000L);
        RingWorld ring = new RingWorld(seed, link);
        Member first = ring.found();
        for (int i = 1; i < 8; i++) {
            ring.join(first);
        }
        ring.world().runFor(30 * SECOND_NANOS);
        ring.members().get(3).crash();
        ring.world().runFor(30 * SECOND_NANOS);
        ring.restart(ring.members().get(3), ring.members().get(1));
        ring.world().runFor(100 * SECOND_NANOS);
        assertThat(ring.runUntilRight(60 * SECOND_NANOS)).isNotNegative();
        return ring.world().digest();
    }

    @Test
    void digest_ofThreeSeeds_isTheSameOnEveryJdk() {
        assertThat(List.of(digestOf(1), digestOf(2), digestOf(3))).isEqualTo(DIGESTS);
    }

    @Test
    void digest_ofTheSameSeed_isTheSameTwice() {
        assertThat(digestOf(4)).isEqualTo(digestOf(4)).isNotEqualTo(digestOf(5));
    }
}

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
            "515b9a4c41cab12a0ccec4a99e9d45fb3ad8594db05905d3320e4f4212f20385",
            "b2a07ece6fb32346301a756380d6c2c52bc81eb7bd2f35f421ca430d66d87c7f",
            "02e8fbd96ceb478b20e869b95278db70fe83070ce475935cafdccaf3733de4dc");

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

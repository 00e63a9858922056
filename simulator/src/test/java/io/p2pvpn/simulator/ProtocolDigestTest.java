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
            "c657aaed43dd3ad020e82217b035c5bc98953e0bc9e3d69c0d4a6be04ace6462",
            "f56bde08486d2388c3809acbb6aeca7ba3e1d70648139e8f5f3ad1e508ca2821",
            "2530ec1c21c19f1878bbcc91a631a87c758960bca7896a23efd954ca27348e5f");

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

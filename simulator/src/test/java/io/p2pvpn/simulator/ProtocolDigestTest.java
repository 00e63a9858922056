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
            "d943cd9b4cd9e82b89970b5a28c550dd441df35d9d5926b07a08bcd8b4b1e422",
            "0d5f9fad6d92d01567afeac5643b38426e58d4b1f6e5e6ad183d2f3f9a24b7ab",
            "9117a62f28382852f04870abde1fe70f257f578e7de89d586fb307641dc91849");

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

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
            "fcff7b110070d8282e872cf98f2355d65de6712f4cf0f7e51e488ba3cc01ce36",
            "6d2960af8262a117c7baa55c7480d7023e5f20809b93cfad71a4be65bd0496e0",
            "3805164e921e84601773d7c67d3418c5d3d9606229031a37a5327d67c0c84082");

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

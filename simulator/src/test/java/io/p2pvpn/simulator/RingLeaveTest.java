package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How soon a node that is gone is out of the others' lists. */
class RingLeaveTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000 * MILLI_NANOS;
    /** Five seconds of silence, then eight probes. */
    private static final long DETECTION_NANOS = 12 * SECOND_NANOS;

    private static RingWorld settled(long seed, int size, long settleNanos) {
        RingWorld ring = new RingWorld(seed, LinkModel.constantDelay(10 * MILLI_NANOS));
        Member first = ring.found();
        for (int i = 1; i < size; i++) {
            ring.join(first);
        }
        assertThat(ring.runUntilRight(60 * SECOND_NANOS)).isPositive();
        ring.world().runFor(settleNanos);
        assertThat(ring.wrong()).isNull();
        return ring;
    }

    private static boolean isListed(Member gone, Ring of) {
        for (boolean clockwise : new boolean[] {true, false}) {
            for (var peer : of.near(clockwise)) {
                if (peer.session().nodeId().equals(gone.node().publicRing().self())) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void leave_ofAMember_closesTheGapInTwoRoundTrips() {
        SimSeeds.forEach(3, seed -> {
            RingWorld ring = settled(seed, 10, 50 * SECOND_NANOS);
            Member leaver = ring.members().get((int) (seed % 10));
            leaver.node().close();
            leaver.crash();
            assertThat(ring.runUntilRight(300 * MILLI_NANOS)).as(ring.wrong()).isPositive();
        });
    }

    @Test
    void leave_whoseMessagesAreLost_isNoticedLikeACrash() {
        RingWorld ring = settled(1, 7, 20 * SECOND_NANOS);
        Member leaver = ring.members().get(3);
        leaver.host().setUp(false);
        leaver.node().close();
        leaver.crash();
        assertThat(ring.runUntilRight(DETECTION_NANOS + SECOND_NANOS))
                .as(ring.wrong())
                .isPositive();
    }

    @Test
    void crash_atAnyMoment_isOutOfAllListsWithinTwelveSeconds() {
        SimSeeds.forEach(4, seed -> {
            // From the first second, when ring paths and several candidates still stand beside the direct path, on.
            RingWorld ring = settled(seed, 10, seed * 9_300 * MILLI_NANOS);
            Member gone = ring.members().get((int) (seed % 10));
            List<Ring> others = new ArrayList<>();
            for (Member member : ring.members()) {
                if (member != gone) {
                    others.add(member.node().publicRing());
                }
            }
            Member named = gone;
            gone.host().crash();
            boolean isOut = ring.world()
                    .runUntil(
                            () -> others.stream().noneMatch(other -> isListed(named, other)),
                            DETECTION_NANOS,
                            10 * MILLI_NANOS);
            assertThat(isOut).isTrue();
        });
    }

    /** Its runs cannot be told apart by their start times then; the old sessions have to be given up first. */
    @Test
    void restart_withAClockThatWentBack_isAMemberAgainWithinSeconds() {
        RingWorld ring = settled(1, 7, 20 * SECOND_NANOS);
        Member restarted = ring.members().get(3);
        restarted.host().setWallClockSkewMillis(-3_600_000);
        ring.restart(restarted, ring.members().get(0));
        assertThat(ring.runUntilRight(DETECTION_NANOS + 8 * SECOND_NANOS))
                .as(ring.wrong())
                .isPositive();
    }
}

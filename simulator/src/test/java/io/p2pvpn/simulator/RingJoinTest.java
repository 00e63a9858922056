package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Joining, calling, crashing and coming back in the public ring, on bad networks. */
class RingJoinTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long JOIN_LIMIT_NANOS = 60 * SECOND_NANOS;
    private static final long GONE_LIMIT_NANOS = 15 * SECOND_NANOS;
    private static final LinkModel LOSSY = new LinkModel(
            10 * MILLI_NANOS, 20 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0.2, 0.05, 0.2, 30 * MILLI_NANOS, 1500);

    private static void joinAllAtOnce(int size, long seed) {
        RingWorld ring = new RingWorld(seed, LOSSY);
        Member first = ring.found();
        for (int i = 1; i < size; i++) {
            ring.join(first);
        }
        ring.runUntilRight(JOIN_LIMIT_NANOS);
        assertThat(ring.wrong()).isNull();
    }

    private static void joinOneByOne(int size, long seed) {
        RingWorld ring = new RingWorld(seed, LOSSY);
        Member first = ring.found();
        for (int i = 1; i < size; i++) {
            Member next = ring.join(first);
            ring.world().runUntil(() -> next.node().publicRing().isJoined(), JOIN_LIMIT_NANOS);
        }
        ring.runUntilRight(JOIN_LIMIT_NANOS);
        assertThat(ring.wrong()).isNull();
    }

    @Test
    void joinAtOnce_twoToFiveNodesOnLossyNetwork_neighboursAreRight() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            for (int size : new int[] {2, 3, 5}) {
                joinAllAtOnce(size, seed);
            }
        });
    }

    @Test
    void joinAtOnce_eightNodesOnLossyNetwork_neighboursAreRight() {
        SimSeeds.forEach(Seeds.count(), seed -> joinAllAtOnce(8, seed));
    }

    @Test
    void joinAtOnce_sixteenAndTwentyFourNodesOnLossyNetwork_neighboursAreRight() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            joinAllAtOnce(16, seed);
            joinAllAtOnce(24, seed);
        });
    }

    @Test
    void joinOneByOne_onLossyNetwork_neighboursAreRight() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            for (int size : new int[] {2, 3, 5, 8}) {
                joinOneByOne(size, seed);
            }
        });
        SimSeeds.forEach(Seeds.count(50), seed -> joinOneByOne(24, seed));
    }

    /** Answers "who" with the name of the host. */
    private static void serveNames(RingWorld ring) {
        for (Member member : ring.members()) {
            member.node()
                    .publicRing()
                    .handle(
                            "who",
                            call -> CompletableFuture.completedFuture(
                                    member.host().name().getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private static Member nearestTo(RingWorld ring, OverlayId target) {
        Member best = ring.members().get(0);
        for (Member member : ring.members()) {
            if (target.ringDistanceTo(member.id()).compareTo(target.ringDistanceTo(best.id())) < 0) {
                best = member;
            }
        }
        return best;
    }

    /** The first member at or after {@code target} on one side. */
    private static Member beside(RingWorld ring, OverlayId target, boolean clockwise) {
        Member best = ring.members().get(0);
        for (Member member : ring.members()) {
            OverlayId arc = clockwise
                    ? target.clockwiseDistanceTo(member.id())
                    : member.id().clockwiseDistanceTo(target);
            OverlayId least = clockwise
                    ? target.clockwiseDistanceTo(best.id())
                    : best.id().clockwiseDistanceTo(target);
            best = arc.compareTo(least) < 0 ? member : best;
        }
        return best;
    }

    @Test
    void call_fromEveryNode_reachesTheNearestOrExactlyTheNamedMember() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            RingWorld ring = new RingWorld(seed, LinkModel.INTERNET);
            Member first = ring.found();
            int size = 2 + random.nextInt(20);
            for (int i = 1; i < size; i++) {
                ring.join(first);
            }
            assertThat(ring.runUntilRight(JOIN_LIMIT_NANOS)).isPositive();
            // Without the links of the joining, calls take several hops.
            ring.world().runFor(60 * SECOND_NANOS);
            assertThat(ring.wrong()).isNull();
            serveNames(ring);
            List<CompletableFuture<RingReply>> replies = new ArrayList<>();
            List<Member> expected = new ArrayList<>();
            for (Member from : ring.members()) {
                Ring service = from.node().publicRing();
                byte[] position = new byte[OverlayId.BYTES];
                random.nextBytes(position);
                OverlayId target = OverlayId.of(position);
                replies.add(service.call(target, Delivery.NEAREST, "who", new byte[0]));
                expected.add(nearestTo(ring, target));
                replies.add(service.call(target, Delivery.SUCCESSOR, "who", new byte[0]));
                expected.add(beside(ring, target, true));
                replies.add(service.call(target, Delivery.PREDECESSOR, "who", new byte[0]));
                expected.add(beside(ring, target, false));
                Member named = ring.members().get(random.nextInt(size));
                replies.add(service.call(named.id(), Delivery.EXACT, "who", new byte[2000]));
                expected.add(named);
                replies.add(service.call(named.id(), Delivery.SUCCESSOR, "who", new byte[0]));
                expected.add(named);
                replies.add(service.call(from.id(), Delivery.NEAREST, "who", new byte[0]));
                expected.add(from);
            }
            CompletableFuture<RingReply> nobody = first.node()
                    .publicRing()
                    .call(first.id().plusFraction(1, 1_000_003), Delivery.EXACT, "who", new byte[0]);
            ring.world().runFor(10 * SECOND_NANOS);
            for (int i = 0; i < replies.size(); i++) {
                RingReply reply = replies.get(i).getNow(null);
                assertThat(reply).as("call " + i).isNotNull();
                assertThat(reply.responder()).isEqualTo(expected.get(i).id());
                assertThat(new String(reply.body(), StandardCharsets.US_ASCII))
                        .isEqualTo(expected.get(i).host().name());
            }
            assertThat(nobody).isCompletedExceptionally();
        });
    }

    private static RingWorld settled(long seed, LinkModel link, int size) {
        RingWorld ring = new RingWorld(seed, link);
        Member first = ring.found();
        for (int i = 1; i < size; i++) {
            ring.join(first);
        }
        assertThat(ring.runUntilRight(JOIN_LIMIT_NANOS)).isPositive();
        ring.world().runFor(20 * SECOND_NANOS);
        assertThat(ring.runUntilRight(30 * SECOND_NANOS)).isNotNegative();
        return ring;
    }

    @Test
    void crash_ofAnyNode_takesItOutOfTheListsWithin15Seconds() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            RingWorld ring = settled(seed, LinkModel.INTERNET, 3 + (int) (seed % 8));
            ring.members().get((int) (seed % ring.members().size())).crash();
            assertThat(ring.runUntilRight(GONE_LIMIT_NANOS)).as(ring.wrong()).isPositive();
        });
    }

    @Test
    void crash_ofTheBootstrapNode_leavesTheRingOpenThroughOthers() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            RingWorld ring = settled(seed, LinkModel.INTERNET, 6);
            ring.members().get(0).crash();
            assertThat(ring.runUntilRight(GONE_LIMIT_NANOS)).isPositive();
            ring.join(ring.members().get(0), ring.members().get(3));
            assertThat(ring.runUntilRight(10 * SECOND_NANOS)).as(ring.wrong()).isPositive();
        });
    }

    @Test
    void restart_withTheSameIdentity_takesTheOldPlaceAtOnce() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            RingWorld ring = settled(seed, LinkModel.INTERNET, 7);
            Member member = ring.members().get(1 + (int) (seed % 6));
            OverlayId id = member.id();
            ring.restart(member, ring.members().get(0));
            assertThat(member.id()).isEqualTo(id);
            ring.world().runFor(SECOND_NANOS);
            assertThat(ring.runUntilRight(5 * SECOND_NANOS)).as(ring.wrong()).isNotNegative();
        });
    }

    @Test
    void partition_thatHeals_endsInOneRing() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            RingWorld ring = settled(seed, LinkModel.CLEAN, 8);
            List<SimHost> island = List.of(
                    ring.members().get(1).host(),
                    ring.members().get(2).host(),
                    ring.members().get(3).host());
            ring.world().network().isolate(island);
            ring.world().runFor(6 * SECOND_NANOS);
            ring.world().network().healAll();
            assertThat(ring.runUntilRight(60 * SECOND_NANOS)).as(ring.wrong()).isNotNegative();
        });
    }
}

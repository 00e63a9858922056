package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Mass crashes and cuts of a ring of real nodes. A ring is right when every running node's successors and predecessors
 * are exactly those that the sorted IDs of all running nodes say.
 *
 * <p>With {@code -Dp2pvpn.ring.nodes=1000 -Dp2pvpn.ring.cutSeconds=600 -Dp2pvpn.ring.seeds=3} at full size; small by
 * default.
 */
@Timeout(3600)
class LargeRingTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int NODES = Integer.getInteger("p2pvpn.ring.nodes", 48);
    private static final long CUT_NANOS = Integer.getInteger("p2pvpn.ring.cutSeconds", 90) * SECOND_NANOS;
    private static final int SEEDS = Integer.getInteger("p2pvpn.ring.seeds", 1);
    private static final long SETTLE_NANOS = 60 * SECOND_NANOS;
    private static final long CLOG_NANOS = 60 * SECOND_NANOS;
    private static final long RIGHT_NANOS = 60 * SECOND_NANOS;
    private static final long RIGHT_AFTER_HALF_NANOS = 180 * SECOND_NANOS;

    private static RingWorld settled(long seed) {
        RingWorld ring = RingWorld.joined(NODES, seed, LinkModel.INTERNET);
        ring.world().runFor(SETTLE_NANOS);
        assertThat(ring.wrong()).isNull();
        return ring;
    }

    /** The members dealt out evenly at random. */
    private static List<List<Member>> parts(RingWorld ring, int count, long seed) {
        List<Member> shuffled = new ArrayList<>(ring.members());
        Collections.shuffle(shuffled, new Random(seed));
        List<List<Member>> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(List.copyOf(shuffled.subList(i * shuffled.size() / count, (i + 1) * shuffled.size() / count)));
        }
        return parts;
    }

    private static void cut(RingWorld ring, List<List<Member>> parts) {
        parts.forEach(part ->
                ring.world().network().isolate(part.stream().map(Member::host).toList()));
    }

    private static void assertRightWithin(RingWorld ring, long limitNanos, String what) {
        long took = ring.runUntilRight(limitNanos);
        System.out.printf(
                "LargeRingTest: %d nodes, seed %d, %s: one right ring after %.1f virtual s%n",
                NODES, ring.world().seed(), what, (double) took / SECOND_NANOS);
        assertThat(ring.wrong()).as(what + ", " + ring.world()).isNull();
    }

    private static void crash(double share, long limitNanos) {
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = settled(seed);
            List<Member> victims = new ArrayList<>(ring.members());
            Collections.shuffle(victims, new Random(seed));
            victims.subList(0, (int) (share * NODES)).forEach(Member::crash);
            assertRightWithin(ring, limitNanos, Math.round(100 * share) + " % crash");
        });
    }

    @Test
    void crash_ofThirtyPercentAtOnce_leavesOneRightRingWithinAMinute() {
        crash(0.3, RIGHT_NANOS);
    }

    @Test
    void crash_ofHalfAtOnce_leavesOneRightRingWithinThreeMinutes() {
        crash(0.5, RIGHT_AFTER_HALF_NANOS);
    }

    private static void cutAndHeal(int partCount) {
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = settled(seed);
            List<List<Member>> parts = parts(ring, partCount, seed);
            cut(ring, parts);
            ring.world().runFor(CUT_NANOS);
            parts.forEach(part ->
                    assertThat(RingWorld.wrongAmong(part)).as("part by itself").isNull());
            ring.world().network().healAll();
            assertRightWithin(ring, RIGHT_NANOS, partCount + " parts healed");
        });
    }

    @Test
    void cut_inTwo_thatHeals_endsInOneRingWithinAMinute() {
        cutAndHeal(2);
    }

    @Test
    void cut_inThree_thatHeals_endsInOneRingWithinAMinute() {
        cutAndHeal(3);
    }

    /** Nobody is dead, but for a minute nothing gets through; then all comes at once, for sessions long given up. */
    @Test
    void clog_betweenTwoHalves_endsInOneRingWithinAMinute() {
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = settled(seed);
            List<List<Member>> halves = parts(ring, 2, seed);
            for (Member one : halves.get(0)) {
                for (Member other : halves.get(1)) {
                    ring.world().network().clog(one.host(), other.host(), CLOG_NANOS);
                    ring.world().network().clog(other.host(), one.host(), CLOG_NANOS);
                }
            }
            ring.world().runFor(CLOG_NANOS);
            assertThat(ring.wrong()).isNotNull();
            assertRightWithin(ring, RIGHT_NANOS, "clog over");
        });
    }

    @Test
    void cut_duringAMassJoin_thatHeals_endsInOneRingWithinAMinute() {
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = new RingWorld(seed, LinkModel.INTERNET);
            SplittableRandom random = new SplittableRandom(seed);
            ring.found();
            for (int i = 1; i < NODES; i++) {
                if (i == NODES / 2) {
                    cut(
                            ring,
                            List.of(ring.members().stream()
                                    .filter(member -> random.nextBoolean())
                                    .toList()));
                }
                List<Member> members = ring.members();
                ring.join(members.get(random.nextInt(i)), members.get(random.nextInt(i)));
                ring.world().runFor(2_000_000L);
            }
            ring.world().runFor(CUT_NANOS);
            ring.world().network().healAll();
            assertRightWithin(ring, RIGHT_NANOS, "cut during a mass join");
        });
    }

    /** Nobody has ever lost anybody here: all that the rest of both rings can know, one meeting tells them. */
    @Test
    void ringsFoundedApart_whenTwoMembersMeet_becomeOneWithinAMinute() {
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = new RingWorld(seed, LinkModel.INTERNET);
            SplittableRandom random = new SplittableRandom(seed);
            List<Member> one = new ArrayList<>(List.of(ring.found()));
            List<Member> other = new ArrayList<>(List.of(ring.found()));
            for (int i = 1; i < NODES / 2; i++) {
                one.add(ring.join(one.get(random.nextInt(i))));
                other.add(ring.join(other.get(random.nextInt(i))));
                ring.world().runFor(10_000_000L);
            }
            ring.world().runFor(SETTLE_NANOS);
            assertThat(RingWorld.wrongAmong(one)).isNull();
            assertThat(RingWorld.wrongAmong(other)).isNull();
            Member stranger = other.get(random.nextInt(other.size()));
            one.get(random.nextInt(one.size()))
                    .node()
                    .publicRing()
                    .meet(
                            new Contact(
                                    stranger.id(),
                                    stranger.node().identity(),
                                    stranger.node().candidates()),
                            Purpose.BOOTSTRAP);
            assertRightWithin(ring, RIGHT_NANOS, "two rings that meet once");
        });
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Broadcasts;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Broadcasts in rings of real nodes: whom they reach, how often, and over how many links.
 *
 * <p>With {@code -Dp2pvpn.broadcast.nodes=16,32,64,128,256 -Dp2pvpn.broadcast.seeds=5} at all sizes for which hops were
 * published; small by default. {@code -Dp2pvpn.broadcast.ring=128} is the size where things go wrong.
 */
@Timeout(3600)
class BroadcastTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final String KIND = "test";
    private static final String SIZES = System.getProperty("p2pvpn.broadcast.nodes", "16,32");
    private static final int SEEDS = Integer.getInteger("p2pvpn.broadcast.seeds", 2);
    private static final int SOURCES = 16;
    private static final int NODES = Integer.getInteger("p2pvpn.broadcast.ring", 40);
    private static final long REST_NANOS = 60 * SECOND_NANOS;

    /**
     * Mean hops of Brunet's bounded broadcast in its simulator, the source counted with none: D. I. Wolinsky et al.,
     * "On the Design of Autonomic, Decentralized VPNs" (CollaborateCom 2010), read from the figure of hops.
     */
    private static final Map<Integer, Double> PUBLISHED =
            new TreeMap<>(Map.of(16, 1.23, 32, 1.85, 64, 2.61, 128, 3.56, 256, 4.58));

    /** What was delivered: for each broadcast, by its first bytes, at whom and after how many hops. */
    private static final class Deliveries {
        private final Map<Integer, Map<OverlayId, Integer>> hops = new TreeMap<>();
        private int duplicates;

        void listen(Member member) {
            OverlayId at = member.id();
            broadcasts(member).handle(KIND, broadcast -> {
                int number = ByteBuffer.wrap(broadcast.payload()).getInt();
                Integer before = of(number).put(at, broadcast.hops());
                duplicates += before == null ? 0 : 1;
            });
        }

        Map<OverlayId, Integer> of(int number) {
            return hops.computeIfAbsent(number, unused -> new TreeMap<>());
        }
    }

    private final Deliveries deliveries = new Deliveries();

    private static Broadcasts broadcasts(Member member) {
        return member.node().publicRing().broadcasts();
    }

    private static byte[] payload(int number, int bytes) {
        return ByteBuffer.allocate(bytes).putInt(number).array();
    }

    private static List<OverlayId> running(RingWorld ring) {
        return ring.members().stream()
                .filter(Member::isRunning)
                .map(Member::id)
                .sorted()
                .toList();
    }

    private static long counted(RingWorld ring, String counter) {
        return ring.members().stream()
                .filter(Member::isRunning)
                .mapToLong(member ->
                        member.node().runtime().counters().counter(counter).value())
                .sum();
    }

    private RingWorld atRest(int nodes, long seed, LinkModel link) {
        RingWorld ring = RingWorld.joined(nodes, seed, link);
        ring.world().runFor(REST_NANOS);
        assertThat(ring.wrong()).isNull();
        ring.members().forEach(deliveries::listen);
        return ring;
    }

    private void assertReachedAllBut(RingWorld ring, OverlayId source, int number) {
        List<OverlayId> others = new ArrayList<>(running(ring));
        others.remove(source);
        assertThat(deliveries.of(number).keySet())
                .as("broadcast " + number)
                .containsExactlyInAnyOrderElementsOf(others);
    }

    // -------------------------------------------------------------------- a right ring

    private void measure(int nodes) {
        double[] sum = new double[2];
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = atRest(nodes, seed, LinkModel.CLEAN);
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < SOURCES; i++) {
                Member source = ring.members().get(random.nextInt(nodes));
                int number = (int) (seed * SOURCES + i) << 10 | nodes;
                assertThat(broadcasts(source).send(KIND, payload(number, 100))).isTrue();
                ring.world().runFor(2 * SECOND_NANOS);
                assertReachedAllBut(ring, source.id(), number);
                sum[0]++;
                sum[1] += deliveries.of(number).values().stream()
                                .mapToInt(Integer::intValue)
                                .sum()
                        / (double) nodes;
            }
            assertThat(counted(ring, "broadcast.forwarded")).isEqualTo((long) SOURCES * (nodes - 1));
            assertThat(counted(ring, "broadcast.delivered")).isEqualTo((long) SOURCES * (nodes - 1));
            assertThat(counted(ring, "broadcast.missed")).isZero();
        });
        double mean = sum[1] / sum[0];
        double published = PUBLISHED.getOrDefault(nodes, Double.MAX_VALUE);
        System.out.printf(
                "BroadcastTest: %d nodes, %.0f broadcasts: mean hops %.3f, published %.2f%n",
                nodes, sum[0], mean, published);
        assertThat(deliveries.duplicates).isZero();
        assertThat(mean).isLessThan(1.05 * published);
    }

    @Test
    void ringAtRest_reachesEachMemberOnce_inAsFewHopsAsPublished() {
        for (String nodes : SIZES.split(",", -1)) {
            measure(Integer.parseInt(nodes));
        }
    }

    @Test
    void arcs_reachWhoStandsInThem_andNobodyElse() {
        RingWorld ring = atRest(NODES, 3, LinkModel.CLEAN);
        List<OverlayId> ids = running(ring);
        SplittableRandom random = new SplittableRandom(3);
        for (int number = 0; number < 60; number++) {
            Member source = ring.members().get(random.nextInt(NODES));
            // From nobody at all to everybody; the arc ends at a member, beside one or between two.
            OverlayId from = ids.get(random.nextInt(NODES));
            OverlayId to = from.plusFraction(random.nextInt(64), 64);
            Arc arc = random.nextBoolean() ? new Arc(from, to) : new Arc(to, from);
            if (number % 10 == 0) {
                arc = Arc.only(from);
            }
            List<OverlayId> expected = new ArrayList<>(ids);
            Arc meant = arc;
            expected.removeIf(id -> !meant.contains(id) || id.equals(source.id()));
            assertThat(broadcasts(source).send(KIND, payload(number, 100), arc)).isTrue();
            ring.world().runFor(2 * SECOND_NANOS);
            assertThat(deliveries.of(number).keySet()).as("%s", arc).containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(deliveries.duplicates).isZero();
    }

    @Test
    void newcomersAndMembersAlone_haveNobodyToSendTo() {
        RingWorld ring = new RingWorld(4, LinkModel.CLEAN);
        Member founder = ring.found();
        deliveries.listen(founder);
        assertThat(broadcasts(founder).send(KIND, payload(1, 4))).isTrue();
        Member newcomer = ring.join(founder);
        assertThat(broadcasts(newcomer).send(KIND, payload(2, 4))).isFalse();
        assertThat(ring.runUntilRight(10 * SECOND_NANOS)).isNotNegative();
        assertThat(broadcasts(newcomer).send(KIND, payload(3, 4))).isTrue();
        ring.world().runFor(SECOND_NANOS);
        assertThat(deliveries.of(3)).containsOnlyKeys(founder.id());
        assertThat(deliveries.hops).containsOnlyKeys(3);
    }

    // ----------------------------------------------------------------- what goes wrong

    @Test
    void loss_ofTwoInAHundred_keepsNothingFromAnybody() {
        RingWorld ring = atRest(NODES, 5, LinkModel.INTERNET.withLoss(0.02));
        SplittableRandom random = new SplittableRandom(5);
        for (int number = 0; number < 40; number++) {
            Member source = ring.members().get(random.nextInt(NODES));
            // Up to the largest: eight pieces on the wire, each of which may be lost.
            int bytes = number % 4 == 0 ? Broadcasts.PAYLOAD_BYTES_MAX : 200;
            assertThat(broadcasts(source).send(KIND, payload(number, bytes))).isTrue();
            ring.world().runFor(8 * SECOND_NANOS);
            assertReachedAllBut(ring, source.id(), number);
        }
        assertThat(deliveries.duplicates).isZero();
        System.out.printf(
                "BroadcastTest: %d nodes, 2 %% loss: %d forwarded for %d deliveries, %d substituted%n",
                NODES,
                counted(ring, "broadcast.forwarded"),
                counted(ring, "broadcast.delivered"),
                counted(ring, "broadcast.substituted"));
    }

    /** Nobody knows yet that they are gone: others see to their parts. */
    @Test
    void crash_ofAQuarterAMomentAgo_keepsNothingFromTheRest() {
        SimSeeds.forEach(SEEDS, seed -> {
            RingWorld ring = atRest(NODES, seed, LinkModel.INTERNET);
            List<Member> victims = new ArrayList<>(ring.members());
            Collections.shuffle(victims, new Random(seed));
            victims.subList(0, NODES / 4).forEach(Member::crash);
            Member source = victims.get(NODES - 1);
            int number = (int) seed;
            assertThat(broadcasts(source).send(KIND, payload(number, 200))).isTrue();
            ring.world().runFor(30 * SECOND_NANOS);
            System.out.printf(
                    "BroadcastTest: %d nodes, seed %d, a quarter crashed: reached %d, %d forwarded, %d substituted,"
                            + " %d missed%n",
                    NODES,
                    seed,
                    deliveries.of(number).size() + 1,
                    counted(ring, "broadcast.forwarded"),
                    counted(ring, "broadcast.substituted"),
                    counted(ring, "broadcast.missed"));
            assertReachedAllBut(ring, source.id(), number);
            assertThat(counted(ring, "broadcast.substituted")).isPositive();
            assertThat(counted(ring, "broadcast.forwarded")).isLessThan(4L * NODES);
        });
        assertThat(deliveries.duplicates).isZero();
    }

    @Test
    void churn_deliversNothingTwice_andCostsAFewMessagesForEachMember() {
        RingWorld ring = atRest(NODES, 7, LinkModel.INTERNET.withLoss(0.01));
        SplittableRandom random = new SplittableRandom(7);
        int reached = 0;
        int members = 0;
        int sent = 0;
        List<Member> stayed = new ArrayList<>(ring.members().subList(0, NODES / 2));
        for (int round = 0; round < 30; round++) {
            Member victim =
                    ring.members().get(NODES / 2 + random.nextInt(ring.members().size() - NODES / 2));
            if (victim.isRunning()) {
                victim.crash();
                deliveries.listen(ring.join(stayed.get(random.nextInt(stayed.size()))));
            }
            for (int i = 0; i < 3; i++) {
                Member source = stayed.get(random.nextInt(stayed.size()));
                assertThat(broadcasts(source).send(KIND, payload(3 * round + i, 200)))
                        .isTrue();
                ring.world().runFor(SECOND_NANOS);
                sent++;
            }
        }
        ring.world().runFor(20 * SECOND_NANOS);
        for (Map<OverlayId, Integer> each : deliveries.hops.values()) {
            reached += (int) stayed.stream()
                    .filter(member -> each.containsKey(member.id()))
                    .count();
            members += stayed.size() - 1;
        }
        long forwarded = counted(ring, "broadcast.forwarded");
        System.out.printf(
                "BroadcastTest: %d nodes, a crash and a join every 3 s, 1 %% loss: %d of %d deliveries to members that"
                        + " stayed, %d forwarded for %d broadcasts%n",
                NODES, reached, members, forwarded, sent);
        assertThat(deliveries.duplicates).isZero();
        assertThat(reached).isGreaterThanOrEqualTo(members * 995 / 1000);
        assertThat(forwarded).isLessThan(2L * sent * NODES);
        assertThat(ring.runUntilRight(60 * SECOND_NANOS)).isNotNegative();
        Member source = stayed.get(0);
        assertThat(broadcasts(source).send(KIND, payload(1000, 200))).isTrue();
        ring.world().runFor(10 * SECOND_NANOS);
        assertReachedAllBut(ring, source.id(), 1000);
    }

    @Test
    void cut_reachesTheOwnHalf_andAfterItHealedEverybody() {
        RingWorld ring = atRest(NODES, 8, LinkModel.INTERNET);
        List<Member> shuffled = new ArrayList<>(ring.members());
        Collections.shuffle(shuffled, new Random(8));
        List<Member> half = List.copyOf(shuffled.subList(0, NODES / 2));
        ring.world().network().isolate(half.stream().map(Member::host).toList());
        for (int number = 0; number < 20; number++) {
            assertThat(broadcasts(shuffled.get(number % NODES)).send(KIND, payload(number, 200)))
                    .isTrue();
            ring.world().runFor(SECOND_NANOS);
        }
        ring.world().runFor(40 * SECOND_NANOS);
        long during = counted(ring, "broadcast.forwarded");
        assertThat(deliveries.duplicates).isZero();
        assertThat(during).isLessThan(4L * 20 * NODES);
        broadcasts(half.get(0)).send(KIND, payload(100, 200));
        ring.world().runFor(10 * SECOND_NANOS);
        assertThat(deliveries.of(100)).hasSize(half.size() - 1);
        ring.world().network().healAll();
        assertThat(ring.runUntilRight(120 * SECOND_NANOS)).isNotNegative();
        broadcasts(half.get(0)).send(KIND, payload(101, 200));
        ring.world().runFor(10 * SECOND_NANOS);
        assertReachedAllBut(ring, half.get(0).id(), 101);
        assertThat(deliveries.duplicates).isZero();
        System.out.printf(
                "BroadcastTest: %d nodes, cut in two: %d forwarded for 20 broadcasts from the cut on, %d missed%n",
                NODES, during, counted(ring, "broadcast.missed"));
    }

    @Test
    void sameSeed_sameHistory() {
        List<String> digests = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            RingWorld ring = atRest(12, 9, LinkModel.INTERNET.withLoss(0.05));
            broadcasts(ring.members().get(3)).send(KIND, payload(1, 5000));
            ring.world().runFor(10 * SECOND_NANOS);
            digests.add(ring.world().digest());
        }
        assertThat(digests.get(0)).isEqualTo(digests.get(1));
    }
}

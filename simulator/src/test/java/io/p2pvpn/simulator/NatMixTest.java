package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.simulator.PairDials.Dial;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Many nodes behind boxes of all kinds: how many pairs reach each other directly, and after how long? With
 * {@code -Dp2pvpn.mix.nodes} more nodes than by default.
 */
class NatMixTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int NODES = Integer.getInteger("p2pvpn.mix.nodes", 40);
    private static final long LOOK_NANOS = 50_000_000L;
    private static final int SETTLE_SECONDS = 60;
    private static final double DIRECT_MIN = 0.93;

    /** Percent of the nodes. */
    private static final Map<HostKind, Double> MIX = new EnumMap<>(Map.of(
            HostKind.OPEN, 10.0,
            HostKind.FULL_CONE, 10.0,
            HostKind.RESTRICTED, 10.0,
            HostKind.PORT_RESTRICTED, 45.0,
            HostKind.SYMMETRIC, 15.0,
            HostKind.CGN, 8.0,
            HostKind.UDP_BLOCKED, 2.0));

    private static RingWorld joined(long seed, List<HostKind> kinds) {
        RingWorld ring = new RingWorld(seed, LinkModel.INTERNET);
        ring.setTraversing(true);
        for (int i = 0; i < kinds.size(); i++) {
            ring.join(kinds.get(i).host(ring.world().network(), "n" + i));
            ring.world().runFor(SECOND_NANOS / 2);
        }
        ring.world().runFor(10 * SECOND_NANOS);
        return ring;
    }

    @Test
    void pairs_areDirectWhereverBoxesAllow() {
        List<HostKind> kinds = HostKind.mix(NODES, MIX);
        RingWorld ring = joined(SimSeeds.seedOr(1), kinds);
        assertThat(ring.runUntilRight(60 * SECOND_NANOS)).as(ring::wrong).isNotNegative();
        PairDials dials = new PairDials(ring, kinds);
        for (int step = 1; step < NODES; step++) {
            for (int i = 0; i + step < NODES; i++) {
                dials.dial(i, i + step);
            }
            watch(ring, dials, SECOND_NANOS);
        }
        watch(ring, dials, SETTLE_SECONDS * SECOND_NANOS);
        List<Dial> all = dials.all();
        Map<Dial, Long> took = dials.tookNanos();
        report(all, took);
        double direct = (double) took.size() / all.size();
        long missed = all.stream()
                .filter(dial -> dial.isPossible() && !took.containsKey(dial))
                .count();
        assertThat(missed).as("pairs whose boxes allow more").isLessThanOrEqualTo(all.size() / 100);
        assertThat(direct).isGreaterThanOrEqualTo(DIRECT_MIN);
    }

    private static void watch(RingWorld ring, PairDials dials, long nanos) {
        for (long end = ring.world().nanoTime() + nanos; ring.world().nanoTime() < end; ) {
            ring.world().runFor(LOOK_NANOS);
            dials.look();
        }
    }

    private static void report(List<Dial> all, Map<Dial, Long> took) {
        List<Long> times = new ArrayList<>(took.values());
        times.sort(null);
        System.out.printf(
                Locale.ROOT,
                "%d nodes: %d of %d pairs direct (%.1f %%), after p50 %.2f s, p90 %.2f s, p99 %.2f s, max %.2f s%n",
                NODES,
                took.size(),
                all.size(),
                100.0 * took.size() / all.size(),
                seconds(times, 0.5),
                seconds(times, 0.9),
                seconds(times, 0.99),
                seconds(times, 1));
        Map<String, int[]> byKinds = new TreeMap<>();
        for (Dial dial : all) {
            int[] counts = byKinds.computeIfAbsent(dial.easier() + " " + dial.harder(), unused -> new int[2]);
            counts[0]++;
            counts[1] += took.containsKey(dial) ? 1 : 0;
        }
        byKinds.forEach((kinds, counts) -> {
            if (counts[1] < counts[0]) {
                System.out.printf(Locale.ROOT, "  %s: %d of %d%n", kinds, counts[1], counts[0]);
            }
        });
    }

    private static double seconds(List<Long> sorted, double quantile) {
        return sorted.isEmpty()
                ? -1
                : sorted.get((int) Math.min(sorted.size() - 1L, Math.round(quantile * sorted.size()))) / 1e9;
    }

    /** Seven of ten behind boxes that nothing gets through at each other: still every near link stands. */
    @Test
    void nearLinks_stand_whereMostNodesAreBehindHardBoxes() {
        List<HostKind> kinds = new ArrayList<>();
        int nodes = Math.max(NODES, 100);
        for (int i = 0; i < nodes; i++) {
            kinds.add(i % 10 < 3 ? HostKind.OPEN : i % 10 < 8 ? HostKind.SYMMETRIC : HostKind.UDP_BLOCKED);
        }
        RingWorld ring = joined(SimSeeds.seedOr(1), kinds);
        assertThat(ring.runUntilRight(120 * SECOND_NANOS)).as(ring::wrong).isNotNegative();
        ring.world().runFor(20 * SECOND_NANOS);
        int links = 0;
        int relayed = 0;
        for (Member member : ring.members()) {
            for (List<Contact> side : List.of(
                    member.node().publicRing().successors(),
                    member.node().publicRing().predecessors())) {
                for (Contact near : side) {
                    RingPeer peer = member.node().publicRing().peer(near.ringId());
                    assertThat(peer).as("%s to %s", member.host(), near).isNotNull();
                    assertThat(peer.session().isLinked())
                            .as("%s to %s", member.host(), near)
                            .isTrue();
                    links++;
                    relayed += peer.session().isDirect() ? 0 : 1;
                }
            }
        }
        System.out.printf(Locale.ROOT, "%d near links of %d nodes, %d of them relayed%n", links, nodes, relayed);
        assertThat(relayed).isPositive();
    }
}

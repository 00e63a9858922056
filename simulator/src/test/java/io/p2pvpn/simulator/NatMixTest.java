package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
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
    private static final int BOOTSTRAPS = 3;
    private static final long LOOK_NANOS = 50_000_000L;
    private static final int SETTLE_SECONDS = 60;
    private static final double DIRECT_MIN = 0.93;

    /** Percent of the nodes. */
    private static final Map<HostKind, Integer> MIX = new EnumMap<>(Map.of(
            HostKind.OPEN, 10,
            HostKind.FULL_CONE, 10,
            HostKind.RESTRICTED, 10,
            HostKind.PORT_RESTRICTED, 45,
            HostKind.SYMMETRIC, 15,
            HostKind.CGN, 8,
            HostKind.UDP_BLOCKED, 2));

    /** One pair, dialled at a time by one end. */
    private record Dial(Member from, HostKind fromKind, Member to, HostKind toKind, long startNanos) {
        boolean isDirect() {
            Session session = from.node()
                    .sessions()
                    .session(to.identity().publicIdentity().nodeId());
            return session != null && session.isDirect();
        }

        boolean isPossible() {
            HostKind easier = fromKind.compareTo(toKind) < 0 ? fromKind : toKind;
            HostKind harder = fromKind.compareTo(toKind) < 0 ? toKind : fromKind;
            return easier != HostKind.SYMMETRIC && (harder != HostKind.UDP_BLOCKED || easier == HostKind.OPEN);
        }
    }

    /** The kinds in their proportions, open ones first, the others mixed evenly. */
    private static List<HostKind> kinds(int count) {
        List<HostKind> kinds = new ArrayList<>();
        Map<HostKind, Double> due = new EnumMap<>(HostKind.class);
        for (int i = 0; i < count; i++) {
            HostKind most = HostKind.OPEN;
            for (HostKind kind : HostKind.values()) {
                due.merge(kind, MIX.getOrDefault(kind, 0) / 100.0, Double::sum);
                most = due.getOrDefault(kind, 0.0) > due.getOrDefault(most, 0.0) ? kind : most;
            }
            due.merge(most, -1.0, Double::sum);
            kinds.add(most);
        }
        kinds.sort((a, b) -> Boolean.compare(b == HostKind.OPEN, a == HostKind.OPEN));
        return kinds;
    }

    private static RingWorld joined(long seed, List<HostKind> kinds) {
        RingWorld ring = new RingWorld(seed, LinkModel.INTERNET);
        ring.setTraversing(true);
        for (int i = 0; i < kinds.size(); i++) {
            SimHost host = kinds.get(i).host(ring.world().network(), "n" + i);
            Member member = ring.add(host);
            if (i == 0) {
                member.node().foundPublicRing();
            } else {
                List<Member> known = ring.members().subList(0, Math.min(i, BOOTSTRAPS));
                ring.bootstrap(member, known.toArray(new Member[0]));
            }
            ring.world().runFor(SECOND_NANOS / 2);
        }
        ring.world().runFor(10 * SECOND_NANOS);
        return ring;
    }

    @Test
    void pairs_areDirectWhereverBoxesAllow() {
        List<HostKind> kinds = kinds(NODES);
        RingWorld ring = joined(SimSeeds.seedOr(1), kinds);
        assertThat(ring.runUntilRight(60 * SECOND_NANOS)).as(ring::wrong).isNotNegative();
        List<Dial> all = new ArrayList<>();
        List<Dial> open = new ArrayList<>();
        Map<Dial, Long> took = new LinkedHashMap<>();
        for (int step = 1; step < NODES; step++) {
            for (int i = 0; i + step < NODES; i++) {
                Dial dial = dial(ring, kinds, i, i + step);
                all.add(dial);
                open.add(dial);
            }
            watch(ring, open, took, SECOND_NANOS);
        }
        watch(ring, open, took, SETTLE_SECONDS * SECOND_NANOS);
        report(all, took);
        double direct = (double) took.size() / all.size();
        long missed = all.stream()
                .filter(dial -> dial.isPossible() && !took.containsKey(dial))
                .count();
        assertThat(missed).as("pairs whose boxes allow more").isLessThanOrEqualTo(all.size() / 100);
        assertThat(direct).isGreaterThanOrEqualTo(DIRECT_MIN);
    }

    private static Dial dial(RingWorld ring, List<HostKind> kinds, int from, int to) {
        Member one = ring.members().get(from);
        Member other = ring.members().get(to);
        OverlayId id = other.id();
        Contact contact = new Contact(id, other.identity().publicIdentity(), List.of());
        var unused = one.node().connect(one.node().publicRing(), contact, Purpose.CHOTA);
        return new Dial(one, kinds.get(from), other, kinds.get(to), ring.world().nanoTime());
    }

    private static void watch(RingWorld ring, List<Dial> open, Map<Dial, Long> took, long nanos) {
        for (long end = ring.world().nanoTime() + nanos; ring.world().nanoTime() < end; ) {
            ring.world().runFor(LOOK_NANOS);
            open.removeIf(dial -> {
                boolean direct = dial.isDirect();
                if (direct) {
                    took.put(dial, ring.world().nanoTime() - dial.startNanos());
                }
                return direct;
            });
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
            HostKind easier = dial.fromKind().compareTo(dial.toKind()) < 0 ? dial.fromKind() : dial.toKind();
            HostKind harder = easier == dial.fromKind() ? dial.toKind() : dial.fromKind();
            int[] counts = byKinds.computeIfAbsent(easier + " " + harder, unused -> new int[2]);
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

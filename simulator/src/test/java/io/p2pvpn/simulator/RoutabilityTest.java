package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingHandler;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rings whose members cannot all reach each other: does every member reach every other over the ring? With {@code
 * -Dp2pvpn.routability.nodes} a larger ring than the default one.
 */
class RoutabilityTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int NODES = Integer.getInteger("p2pvpn.routability.nodes", 24);
    private static final int PAIRS = Integer.getInteger("p2pvpn.routability.pairs", 400);
    private static final int BOOTSTRAPS = 8;
    private static final int HOPS_MAX = 64;
    private static final int CHURN_ROUNDS = 12;
    private static final long CHURN_GAP_NANOS = 5 * SECOND_NANOS;
    private static final RingHandler DONE = call -> CompletableFuture.completedFuture(new byte[0]);

    /** Each pair of hosts can or cannot reach each other, for good: drawn by a hash of both. */
    private static LinkPolicy connectable(long seed, int percent, LinkModel link) {
        LinkModel blocked = link.withLoss(1);
        return (from, to) -> {
            long pair = ((long) Math.min(from.id(), to.id()) << 32) | Math.max(from.id(), to.id());
            return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + pair).nextInt(100) < percent ? link : blocked;
        };
    }

    private static RingWorld joined(long seed, int percent, LinkModel link, int nodes) {
        RingWorld ring = new RingWorld(seed, link);
        ring.world().network().setLinkPolicy(connectable(seed, percent, link));
        ring.found();
        for (int i = 1; i < nodes; i++) {
            List<Member> known = ring.members().subList(0, Math.min(i, BOOTSTRAPS));
            ring.join(known.toArray(new Member[0]));
            if (i < BOOTSTRAPS) {
                ring.world().runFor(2 * SECOND_NANOS);
            } else {
                ring.world().runFor(SECOND_NANOS / 5);
            }
        }
        return ring;
    }

    /** Share of random pairs whose exact call is answered. */
    private static double answered(RingWorld ring, long seed, int pairs) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Member> running = ring.members().stream().filter(Member::isRunning).toList();
        for (Member member : running) {
            member.node().publicRing().handle("who", DONE);
        }
        List<CompletableFuture<RingReply>> replies = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            Member source = running.get(random.nextInt(running.size()));
            Member target = running.get(random.nextInt(running.size()));
            replies.add(source.node().publicRing().call(target.id(), Delivery.EXACT, "who", new byte[0]));
            ring.world().runFor(SECOND_NANOS / 100);
        }
        ring.world().runFor(10 * SECOND_NANOS);
        return replies.stream()
                        .filter(reply -> reply.isDone() && !reply.isCompletedExceptionally())
                        .count()
                / (double) pairs;
    }

    /** Share of all pairs that greedy routing connects at this moment, over the edges that there are. */
    private static double routable(RingWorld ring, boolean relays) {
        TreeMap<OverlayId, List<OverlayId>> edges = new TreeMap<>();
        for (Member member : ring.members()) {
            if (member.isRunning()) {
                List<OverlayId> linked = new ArrayList<>();
                for (RingPeer peer : member.node().publicRing().peers()) {
                    if (peer.isJoined()
                            && (relays
                                    ? peer.session().isLinked()
                                    : peer.session().isDirect())) {
                        linked.add(peer.id());
                    }
                }
                edges.put(member.id(), linked);
            }
        }
        int good = 0;
        for (OverlayId source : edges.keySet()) {
            for (OverlayId target : edges.keySet()) {
                good += greedy(edges, source, target) ? 1 : 0;
            }
        }
        return good / ((double) edges.size() * edges.size());
    }

    private static boolean greedy(Map<OverlayId, List<OverlayId>> edges, OverlayId source, OverlayId target) {
        OverlayId at = source;
        for (int hop = 0; hop < HOPS_MAX && !at.equals(target); hop++) {
            OverlayId next = nearer(edges.getOrDefault(at, List.of()), at, target);
            if (next == null) {
                return false;
            }
            at = next;
        }
        return at.equals(target);
    }

    private static @Nullable OverlayId nearer(List<OverlayId> edges, OverlayId at, OverlayId target) {
        OverlayId best = at;
        for (OverlayId edge : edges) {
            best = target.ringDistanceTo(edge).compareTo(target.ringDistanceTo(best)) < 0 ? edge : best;
        }
        return best.equals(at) ? null : best;
    }

    private static int[] pathKinds(RingWorld ring) {
        int[] kinds = new int[3];
        for (Member member : ring.members()) {
            if (member.isRunning()) {
                Ring service = member.node().publicRing();
                for (RingPeer peer : service.peers()) {
                    kinds[peer.session().isDirect() ? 0 : peer.session().isLinked() ? 1 : 2]++;
                }
            }
        }
        return kinds;
    }

    @ParameterizedTest
    @ValueSource(ints = {70, 80, 90})
    void ring_ofPartlyConnectableNodes_isRightAndRoutesEverything(int percent) {
        long seed = percent;
        RingWorld ring = joined(seed, percent, LinkModel.INTERNET, NODES);
        long nanos = ring.runUntilRight(180 * SECOND_NANOS);
        assertThat(nanos).as(ring.wrong()).isNotNegative();
        ring.world().runFor(60 * SECOND_NANOS);
        double direct = routable(ring, false);
        double relayed = routable(ring, true);
        double answered = answered(ring, seed, PAIRS);
        int[] kinds = pathKinds(ring);
        System.out.printf(
                "routability: %d nodes, %d %%: right %.1f s after the last join; greedy %.4f, with relays %.4f, calls"
                        + " %.4f; direct %d, relayed %d, ring only %d%n",
                NODES, percent, nanos / 1e9, direct, relayed, answered, kinds[0], kinds[1], kinds[2]);
        assertThat(relayed).isGreaterThanOrEqualTo(0.999);
        assertThat(answered).isGreaterThanOrEqualTo(0.999);
        assertThat(direct).isLessThanOrEqualTo(relayed);
    }

    @Test
    void ring_withLossAndChurn_routesThroughout() {
        long seed = 5;
        LinkModel lossy = LinkModel.INTERNET.withLoss(0.01);
        RingWorld ring = joined(seed, 70, lossy, NODES);
        assertThat(ring.runUntilRight(180 * SECOND_NANOS)).as(ring.wrong()).isNotNegative();
        SplittableRandom random = new SplittableRandom(seed);
        List<CompletableFuture<RingReply>> replies = new ArrayList<>();
        List<Member> targets = new ArrayList<>();
        List<Member> sources = new ArrayList<>();
        for (int round = 0; round < CHURN_ROUNDS; round++) {
            Member victim = ring.members()
                    .get(BOOTSTRAPS + random.nextInt(ring.members().size() - BOOTSTRAPS));
            if (victim.isRunning()) {
                victim.crash();
                ring.join(ring.members().subList(0, BOOTSTRAPS).toArray(new Member[0]));
            }
            List<Member> joined = ring.members().stream()
                    .filter(member ->
                            member.isRunning() && member.node().publicRing().isJoined())
                    .toList();
            joined.forEach(member -> member.node().publicRing().handle("who", DONE));
            for (int i = 0; i < 40; i++) {
                Member source = joined.get(random.nextInt(joined.size()));
                Member target = joined.get(random.nextInt(joined.size()));
                sources.add(source);
                targets.add(target);
                replies.add(source.node().publicRing().call(target.id(), Delivery.EXACT, "who", new byte[0]));
                ring.world().runFor(CHURN_GAP_NANOS / 40);
            }
        }
        ring.world().runFor(10 * SECOND_NANOS);
        int asked = 0;
        int answered = 0;
        for (int i = 0; i < replies.size(); i++) {
            if (sources.get(i).isRunning() && targets.get(i).isRunning()) {
                CompletableFuture<RingReply> reply = replies.get(i);
                asked++;
                answered += reply.isDone() && !reply.isCompletedExceptionally() ? 1 : 0;
            }
        }
        long nanos = ring.runUntilRight(60 * SECOND_NANOS);
        assertThat(nanos).as(ring.wrong()).isNotNegative();
        double quiet = answered(ring, seed, PAIRS);
        System.out.printf(
                "routability: %d nodes, 70 %%, 1 %% loss, a crash and a join every %.0f s: calls %.4f of %d; right"
                        + " %.1f s after the last; then %.4f%n",
                NODES, CHURN_GAP_NANOS / 1e9, answered / (double) asked, asked, nanos / 1e9, quiet);
        assertThat(answered / (double) asked).isGreaterThan(0.95);
        assertThat(quiet).isGreaterThanOrEqualTo(0.999);
    }
}

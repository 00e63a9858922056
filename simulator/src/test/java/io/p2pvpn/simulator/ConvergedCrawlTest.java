package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.converged.ConvergedCrawl;
import io.p2pvpn.simulator.converged.ConvergedRing;
import io.p2pvpn.simulator.converged.LightNetwork.State;
import io.p2pvpn.simulator.converged.RingLinks;
import io.p2pvpn.simulator.converged.SitedRing;
import io.p2pvpn.simulator.latency.LatencyMatrix;
import io.p2pvpn.simulator.latency.SiteLatency;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Crawls of rings without nodes, beside the same crawls of the same ring of real nodes.
 *
 * <p>{@code -Dp2pvpn.crawl.nodes=1000} of them; 100 by default.
 */
@Timeout(3600)
class ConvergedCrawlTest {
    private static final long SECOND_NANOS = RingWorld.SECOND_NANOS;
    private static final int NODES = Integer.getInteger("p2pvpn.crawl.nodes", 100);
    private static final int CRAWLS = 3;
    private static final double MESSAGES_OFF = 0.03;
    private static final double SECONDS_OFF = 0.25;
    private static final int DEPTH_OFF = 2;
    private static final long SEED = 11;

    /** What a real ring looks like at this moment. */
    private static final class Snapshot implements RingLinks {
        private final List<Member> members;
        private final LinkPolicy policy;
        private final Map<OverlayId, Integer> numbers = new TreeMap<>();
        private final List<int[]> ahead = new ArrayList<>();
        private final List<int[]> behind = new ArrayList<>();
        private final List<int[]> far = new ArrayList<>();
        private final List<int[]> linkedBy = new ArrayList<>();

        Snapshot(List<Member> members, LinkPolicy policy) {
            this.members = members;
            this.policy = policy;
            for (int i = 0; i < members.size(); i++) {
                numbers.put(members.get(i).id(), i);
            }
            members.forEach(this::look);
        }

        private void look(Member member) {
            List<RingPeer> near = new ArrayList<>(member.node().publicRing().near(true));
            ahead.add(numbers(near));
            behind.add(numbers(member.node().publicRing().near(false)));
            near.addAll(member.node().publicRing().near(false));
            List<RingPeer> own = new ArrayList<>();
            List<RingPeer> others = new ArrayList<>();
            for (RingPeer peer : member.node().publicRing().peers()) {
                Set<Purpose> purposes =
                        member.node().links().purposes(peer.session().nodeId());
                if (peer.isEdge() && !near.contains(peer)) {
                    (purposes.contains(Purpose.NEAR) || purposes.contains(Purpose.FAR) ? own : others).add(peer);
                }
            }
            far.add(numbers(own));
            linkedBy.add(numbers(others));
        }

        private int[] numbers(List<RingPeer> peers) {
            return peers.stream()
                    .mapToInt(peer -> numbers.getOrDefault(peer.id(), -1))
                    .toArray();
        }

        @Override
        public int size() {
            return members.size();
        }

        @Override
        public OverlayId id(int member) {
            return members.get(member).id();
        }

        @Override
        public int member(OverlayId position) {
            return numbers.getOrDefault(position, -1);
        }

        @Override
        public int[] near(int member, boolean clockwise) {
            return (clockwise ? ahead : behind).get(member);
        }

        @Override
        public int[] far(int member) {
            return far.get(member);
        }

        @Override
        public int[] linkedBy(int member) {
            return linkedBy.get(member);
        }

        @Override
        public long oneWayNanos(int from, int to) {
            return policy.between(members.get(from).host(), members.get(to).host())
                    .delayMinNanos();
        }
    }

    private static Map<String, CrawlOptions> kinds() {
        CrawlOptions usual = CrawlOptions.usual(60 * SECOND_NANOS);
        Map<String, CrawlOptions> kinds = new LinkedHashMap<>();
        kinds.put("lists", usual);
        kinds.put("pruned", usual.pruned(true));
        kinds.put("local", usual.with(Method.MAPREDUCE, By.LOCAL));
        kinds.put("lists both ways", usual.bothWays(true));
        return kinds;
    }

    @Test
    void lightCrawls_areAsThoseOfTheNodesThemselves() {
        LinkPolicy policy = new SiteLatency(LatencyMatrix.planetLab(), SEED, LinkModel.CLEAN, 0);
        RingWorld ring = new RingWorld(SEED, LinkModel.CLEAN);
        ring.world().setShapeOnly(true);
        ring.setCrypto(new ModelCrypto());
        ring.world().network().setLinkPolicy(policy);
        SplittableRandom random = new SplittableRandom(SEED);
        ring.found();
        for (int i = 1; i < NODES; i++) {
            ring.join(ring.members().get(random.nextInt(i)));
            ring.world().runFor(20_000_000L);
        }
        assertThat(ring.runUntilRight(300 * SECOND_NANOS)).isPositive();
        ring.world().runFor(60 * SECOND_NANOS);
        List<Member> sorted = new ArrayList<>(ring.members());
        sorted.sort(Comparator.comparing(Member::id));
        for (Map.Entry<String, CrawlOptions> kind : kinds().entrySet()) {
            double seconds = 0;
            double lightSeconds = 0;
            long messages = 0;
            long lightMessages = 0;
            long bytes = 0;
            long lightBytes = 0;
            for (int i = 0; i < CRAWLS; i++) {
                int source = (i + 1) * NODES / (CRAWLS + 1);
                ConvergedCrawl light = new ConvergedCrawl(new SimWorld(SEED), new Snapshot(sorted, policy), random);
                CrawlReport expected = light.crawl(source, kind.getValue()).report();
                CrawlReport report = CrawlTest.crawl(ring, sorted.get(source), kind.getValue());
                ring.world().runFor(5 * SECOND_NANOS);
                assertThat(expected.consistency().nodes()).isEqualTo(NODES);
                assertThat(report.consistency().nodes()).isEqualTo(NODES);
                assertThat(expected.coverage().isComplete()).isTrue();
                assertThat(Math.abs(
                                report.coverage().depth() - expected.coverage().depth()))
                        .isLessThanOrEqualTo(DEPTH_OFF);
                seconds += report.nanos() / 1e9;
                lightSeconds += expected.nanos() / 1e9;
                messages += report.coverage().messages();
                lightMessages += expected.coverage().messages();
                bytes += report.coverage().bytes();
                lightBytes += expected.coverage().bytes();
            }
            System.out.printf(
                    "ConvergedCrawlTest: %d members, %s, nodes against none: %.3f, %.3f s; %d, %d messages;"
                            + " %d, %d bytes%n",
                    NODES, kind.getKey(), seconds, lightSeconds, messages, lightMessages, bytes, lightBytes);
            assertThat(Math.abs(lightSeconds / seconds - 1)).isLessThan(SECONDS_OFF);
            assertThat(Math.abs(lightMessages / (double) messages - 1)).isLessThan(MESSAGES_OFF);
        }
    }

    private static ConvergedCrawl settled(int nodes, double unlinked, SplittableRandom random) {
        return new ConvergedCrawl(
                new SimWorld(SEED), new SitedRing(new ConvergedRing(nodes, random), unlinked, random), random);
    }

    @Test
    void crashedMembers_areNamed_andEverybodyElseIsCovered() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (CrawlOptions options : kinds().values()) {
            ConvergedCrawl crawl = settled(400, 0, random);
            List<Integer> crashed = List.of(17, 120, 121, 333);
            crashed.forEach(each -> crawl.network().set(each, State.CRASHED));
            CrawlReport report = crawl.crawl(200, options).report();
            if (!options.bothWays()) {
                assertThat(report.coverage().members()).isEqualTo(396);
            }
            if (report.found() != null) {
                assertThat(report.found()).hasSize(396);
            }
            assertThat(report.lagging())
                    .containsExactlyElementsOf(crashed.stream()
                            .map(crawl.network().links()::id)
                            .sorted()
                            .toList());
        }
    }

    @Test
    void prunedTree_takesItsPathDownAndUp_andIsNotDeeperThanTwiceTheLogarithm() {
        SplittableRandom random = new SplittableRandom(SEED);
        IntStream.of(100, 1000).forEach(nodes -> {
            ConvergedCrawl crawl = settled(nodes, 0, random);
            CrawlOptions pruned = kinds().get("pruned");
            assertThat(pruned).isNotNull();
            ConvergedCrawl.Result result = crawl.crawl(nodes / 2, pruned);
            assertThat(result.overPath()).isBetween(1.0, 1.2);
            assertThat(result.orders()).isEqualTo(nodes - 1);
            assertThat((double) result.report().coverage().depth())
                    .isLessThanOrEqualTo(2 * Math.log(nodes) / Math.log(2));
        });
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.Crawler;
import io.p2pvpn.crawler.Finding;
import io.p2pvpn.crawler.Finding.Cause;
import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskNode;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.crawler.task.Acquaintance;
import io.p2pvpn.crawler.task.NeighbourView;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the investigator says of faults that were planted, and of rings that are only changing. The faults are planted
 * in what members see of each other; the crashes are real, with one neighbour that does not get over it.
 *
 * <p>{@code -Dp2pvpn.crawl.healthy=100} crawls of a ring under churn; few by default.
 */
@Timeout(1200)
class CrawlFaultsTest {
    private static final long SECOND_NANOS = RingWorld.SECOND_NANOS;
    private static final long PAUSE_NANOS = 15 * SECOND_NANOS;
    private static final int HEALTHY = Integer.getInteger("p2pvpn.crawl.healthy", 10);
    private static final int NODES = 48;
    private static final int FAULTS_EACH = 4;
    private static final int RIGHT_MIN = 18;

    /** A view of the neighbours in which one member is not as it is. */
    private static final class Planted implements NeighbourView {
        private final NeighbourView truth;
        private final OverlayId about;
        private final boolean isHidden;
        private final @Nullable Acquaintance told;
        private final @Nullable NodeReport stuck;

        Planted(
                Member member,
                OverlayId about,
                boolean isHidden,
                @Nullable Acquaintance told,
                @Nullable NodeReport stuck) {
            this.truth = NeighbourView.of(member.node(), NodeFacts.NONE);
            this.about = about;
            this.isHidden = isHidden;
            this.told = told;
            this.stuck = stuck;
            new Crawler(TaskNode.of(member.node()), NodeFacts.NONE, this).serve(member.taskRing());
        }

        @Override
        public NodeReport look(TaskRing ring) {
            NodeReport report = stuck == null ? truth.look(ring) : stuck;
            return isHidden
                    ? NodeReport.of(report.id(), without(report.successors()), without(report.predecessors()))
                    : report;
        }

        private List<OverlayId> without(List<OverlayId> ids) {
            return ids.stream().filter(id -> !id.equals(about)).toList();
        }

        @Override
        public Acquaintance about(TaskRing ring, OverlayId member) {
            return told != null && member.equals(about) ? told : truth.about(ring, member);
        }
    }

    private static Acquaintance strangers() {
        return new Acquaintance(false, false, false, false, false, false, "");
    }

    private static void plant(Cause cause, Member one, Member next) {
        OverlayId first = one.id();
        OverlayId second = next.id();
        switch (cause) {
            case UNHEARD -> new Planted(one, second, true, strangers(), null);
            case STALE ->
                new Planted(next, first, true, new Acquaintance(false, false, true, false, false, false, ""), null);
            case HANDSHAKE -> {
                Acquaintance calling = new Acquaintance(true, false, true, false, false, true, "");
                new Planted(one, second, true, calling, null);
                new Planted(next, first, true, calling, null);
            }
            case NAT -> {
                Acquaintance ringOnly = new Acquaintance(true, false, true, true, false, false, "address_dependent");
                new Planted(one, second, true, ringOnly, null);
                new Planted(next, first, true, ringOnly, null);
            }
            case CRASH -> {
                NodeReport before = NeighbourView.of(one.node(), NodeFacts.NONE).look(one.taskRing());
                new Planted(one, second, false, null, before);
                next.crash();
            }
            case UNSETTLED -> throw new IllegalArgumentException();
        }
    }

    /** Who the finding has to be about, in which order. */
    private static boolean isRight(Finding finding, Cause cause, OverlayId one, OverlayId next) {
        return finding.cause() == cause
                && switch (cause) {
                    case UNHEARD, STALE ->
                        finding.node().equals(one) && finding.other().equals(next);
                    case CRASH -> finding.node().equals(next);
                    default ->
                        (finding.node().equals(one) && finding.other().equals(next))
                                || (finding.node().equals(next)
                                        && finding.other().equals(one));
                };
    }

    @Test
    void twentyFaultsOfFiveKinds_areNamedWithTheirNodes() {
        int right = 0;
        int others = 0;
        int seed = 0;
        for (Cause cause : List.of(Cause.UNHEARD, Cause.STALE, Cause.HANDSHAKE, Cause.NAT, Cause.CRASH)) {
            RingWorld ring = CrawlTest.atRest(NODES, ++seed);
            List<Member> sorted = new ArrayList<>(ring.members());
            sorted.sort(Comparator.comparing(Member::id));
            Member asker = sorted.get(0);
            List<OverlayId[]> planted = new ArrayList<>();
            for (int i = 0; i < FAULTS_EACH; i++) {
                Member one = sorted.get(6 + 10 * i);
                Member next = sorted.get(7 + 10 * i);
                planted.add(new OverlayId[] {one.id(), next.id()});
                plant(cause, one, next);
            }
            CrawlReport report = CrawlTest.crawl(ring, asker, CrawlOptions.usual(10 * SECOND_NANOS));
            List<Finding> findings = CrawlTest.await(
                    ring,
                    asker.crawler()
                            .investigate(asker.taskRing(), report.consistency().faults(), PAUSE_NANOS),
                    60 * SECOND_NANOS);
            for (OverlayId[] pair : planted) {
                right += findings.stream().anyMatch(each -> isRight(each, cause, pair[0], pair[1])) ? 1 : 0;
            }
            others += (int) findings.stream()
                    .filter(each -> planted.stream()
                            .noneMatch(pair -> each.node().equals(pair[0])
                                    || each.node().equals(pair[1])
                                    || each.other().equals(pair[0])
                                    || each.other().equals(pair[1])))
                    .count();
            System.out.printf(
                    "CrawlFaultsTest: 4 times %s: %d checks failed, found %s%n",
                    cause,
                    report.consistency().faults().size(),
                    findings.stream().map(Finding::text).toList());
        }
        System.out.printf("CrawlFaultsTest: %d of 20 right, %d about others%n", right, others);
        assertThat(right).isGreaterThanOrEqualTo(RIGHT_MIN);
        assertThat(others).isZero();
    }

    @Test
    void healthyRingUnderChurn_isNotFoundFault() {
        RingWorld ring = CrawlTest.atRest(NODES, 7);
        SplittableRandom random = new SplittableRandom(7);
        List<Member> stay = new ArrayList<>(ring.members().subList(0, NODES / 2));
        List<CompletableFuture<List<Finding>>> all = new ArrayList<>();
        int suspicions = 0;
        for (int crawl = 0; crawl < HEALTHY; crawl++) {
            Member victim =
                    ring.members().get(NODES / 2 + random.nextInt(ring.members().size() - NODES / 2));
            if (victim.isRunning()) {
                if (random.nextBoolean()) {
                    victim.crash();
                } else {
                    victim.node().close();
                    victim.crash();
                }
                ring.join(stay.get(random.nextInt(stay.size())));
            }
            ring.world().runFor(random.nextInt(3000) * 1_000_000L);
            Member asker = stay.get(random.nextInt(stay.size()));
            CrawlReport report = CrawlTest.crawl(ring, asker, CrawlOptions.usual(10 * SECOND_NANOS));
            suspicions += report.consistency().faults().isEmpty() ? 0 : 1;
            all.add(asker.crawler()
                    .investigate(asker.taskRing(), report.consistency().faults(), PAUSE_NANOS));
        }
        ring.world().runFor(60 * SECOND_NANOS);
        System.out.printf(
                "CrawlFaultsTest: %d crawls under churn, %d of them with checks that failed, %d findings%n",
                HEALTHY,
                suspicions,
                all.stream().mapToInt(each -> each.join().size()).sum());
        assertThat(all).allSatisfy(each -> assertThat(each.join()).isEmpty());
    }
}

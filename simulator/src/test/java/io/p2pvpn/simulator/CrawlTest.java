package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.crawler.mapreduce.Gap;
import io.p2pvpn.crawler.mapreduce.GapReason;
import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.MapReduce;
import io.p2pvpn.crawler.mapreduce.MapReduceTask;
import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskOptions;
import io.p2pvpn.crawler.mapreduce.TaskReport;
import io.p2pvpn.crawler.task.CountTask;
import io.p2pvpn.crawler.task.HistogramTask;
import io.p2pvpn.crawler.task.NeighbourListsTask;
import io.p2pvpn.crawler.task.NeighbourView;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.crawler.task.TopTask;
import io.p2pvpn.crawler.wire.proto.NodeReportList;
import io.p2pvpn.crawler.wire.proto.TaskResult;
import io.p2pvpn.crawler.wire.proto.TaskStart;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Crawls in rings of real nodes. */
@Timeout(600)
class CrawlTest {
    private static final long SECOND_NANOS = RingWorld.SECOND_NANOS;
    private static final int NODES = 64;

    static RingWorld atRest(int nodes, long seed) {
        RingWorld ring = RingWorld.joined(nodes, seed, LinkModel.INTERNET);
        ring.world().runFor(30 * SECOND_NANOS);
        return ring;
    }

    private static SortedSet<OverlayId> running(RingWorld ring) {
        TreeSet<OverlayId> ids = new TreeSet<>();
        ring.members().stream().filter(Member::isRunning).map(Member::id).forEach(ids::add);
        return ids;
    }

    static <T> T await(RingWorld ring, CompletableFuture<T> future, long nanos) {
        assertThat(ring.world().runUntil(future::isDone, nanos))
                .as("ends in time")
                .isTrue();
        return future.join();
    }

    static CrawlReport crawl(RingWorld ring, Member from, CrawlOptions options) {
        return await(ring, from.crawler().crawl(from.taskRing(), options), options.timeoutNanos() + SECOND_NANOS);
    }

    static CrawlOptions options(RingWorld ring, long seconds) {
        return CrawlOptions.usual(seconds * SECOND_NANOS).known(running(ring));
    }

    @Test
    void healthyRing_everyMethod_agreesOnMembersAndConsistency() {
        RingWorld ring = atRest(NODES, 1);
        CrawlOptions usual = options(ring, 60);
        List<CrawlOptions> all = List.of(
                usual,
                usual.with(Method.MAPREDUCE, By.LOCAL),
                usual.with(Method.SEQUENTIAL, By.LISTS),
                usual.bothWays(true),
                usual.with(Method.MAPREDUCE, By.LOCAL).bothWays(true),
                usual.pruned(true),
                usual.waiting(true));
        for (CrawlOptions options : all) {
            CrawlReport report = crawl(ring, ring.members().get(7), options);
            System.out.printf(
                    "CrawlTest: %s %s both %s pruned %s: %d nodes, C %.3f, %d ms, %d messages, %d bytes, depth %d%n",
                    options.method(),
                    options.by(),
                    options.bothWays(),
                    options.pruned(),
                    report.consistency().nodes(),
                    report.consistency().value(),
                    report.nanos() / 1_000_000,
                    report.coverage().messages(),
                    report.coverage().bytes(),
                    report.coverage().depth());
            assertThat(report.consistency().nodes()).isEqualTo(NODES);
            assertThat(report.consistency().value()).isEqualTo(1);
            assertThat(report.coverage().gaps()).isEmpty();
            assertThat(report.coverage().members()).isEqualTo(NODES);
            assertThat(report.missing()).isEmpty();
            ring.world().runFor(5 * SECOND_NANOS);
        }
    }

    /** All that were found, and all that were not lie in a gap, and none that was found does. */
    private static void assertExact(CrawlReport report, Set<OverlayId> everybody, Set<OverlayId> unheard) {
        TreeSet<OverlayId> found = new TreeSet<>(report.found());
        TreeSet<OverlayId> expected = new TreeSet<>(everybody);
        expected.removeAll(unheard);
        assertThat(found).containsExactlyElementsOf(expected);
        List<Arc> gaps = report.coverage().gaps().stream().map(Gap::arc).toList();
        assertThat(unheard).allSatisfy(id -> assertThat(gaps).anyMatch(arc -> arc.contains(id)));
        assertThat(found).noneSatisfy(id -> assertThat(gaps).anyMatch(arc -> arc.contains(id)));
        assertThat(report.lagging()).containsExactlyElementsOf(new TreeSet<>(unheard));
    }

    /** Its own answer takes so long. */
    private static void delay(Member member, long nanos) {
        NeighbourListsTask task = new NeighbourListsTask(NeighbourView.of(member.node(), NodeFacts.NONE));
        member.crawler().mapReduce().install(new MapReduceTask() {
            @Override
            public String name() {
                return task.name();
            }

            @Override
            public CompletableFuture<byte[]> map(MapContext context, byte[] argument) {
                CompletableFuture<byte[]> later = new CompletableFuture<>();
                member.node()
                        .runtime()
                        .timers()
                        .schedule(
                                nanos,
                                () -> later.complete(task.map(context, argument).join()));
                return later;
            }

            @Override
            public @Nullable Reduced reduce(byte[] argument, byte[] current, ChildAnswer child) {
                return task.reduce(argument, current, child);
            }
        });
    }

    @Test
    void laggingAndCrashedMembers_partialIsExactInTime_andWaitBringsAllThatLive() {
        for (long seed = 1; seed <= 3; seed++) {
            RingWorld ring = atRest(100, seed);
            List<Member> shuffled = new ArrayList<>(ring.members());
            Collections.shuffle(shuffled, new Random(seed));
            Member asker = shuffled.get(0);
            SortedSet<OverlayId> everybody = running(ring);
            TreeSet<OverlayId> unheard = new TreeSet<>(List.of(
                    shuffled.get(1).id(), shuffled.get(2).id(), shuffled.get(3).id()));
            delay(shuffled.get(1), 20 * SECOND_NANOS);
            delay(shuffled.get(2), 20 * SECOND_NANOS);
            shuffled.get(3).crash();
            CrawlReport partial = crawl(ring, asker, CrawlOptions.usual(8 * SECOND_NANOS));
            System.out.printf(
                    "CrawlTest: seed %d, 2 lagging, 1 crashed, partial: %d nodes in %d ms, gaps %s%n",
                    seed,
                    partial.consistency().nodes(),
                    partial.nanos() / 1_000_000,
                    partial.coverage().gaps().stream()
                            .map(gap -> gap.reason() + " " + gap.member())
                            .toList());
            assertThat(partial.nanos()).isLessThanOrEqualTo(8 * SECOND_NANOS);
            assertExact(partial, everybody, unheard);
            CrawlReport whole =
                    crawl(ring, asker, CrawlOptions.usual(90 * SECOND_NANOS).waiting(true));
            assertThat(whole.found()).containsExactlyElementsOf(running(ring));
            System.out.printf(
                    "CrawlTest: seed %d, wait: %d nodes in %d ms%n",
                    seed, whole.consistency().nodes(), whole.nanos() / 1_000_000);
        }
    }

    /** As SIGSTOP does: nothing is taken and nothing is said. */
    @Test
    void frozenMember_isNamedWithinFiveSeconds_andTheRestIsCovered() {
        for (long seed = 1; seed <= 5; seed++) {
            RingWorld ring = atRest(NODES, seed);
            Member asker = ring.members().get((int) seed);
            Member frozen = ring.members().get(NODES / 2);
            SortedSet<OverlayId> everybody = running(ring);
            ring.world().network().isolate(List.of(frozen.host()));
            CrawlReport report = crawl(ring, asker, CrawlOptions.usual(5 * SECOND_NANOS));
            System.out.printf(
                    "CrawlTest: seed %d, one frozen: %d nodes in %d ms%n",
                    seed, report.consistency().nodes(), report.nanos() / 1_000_000);
            assertExact(report, everybody, Set.of(frozen.id()));
            ring.world().network().healAll();
        }
    }

    /** What a member that is out for harm answers. */
    private interface Harm {
        void answer(Member attacker, Session parent, TaskStart order);
    }

    private static void corrupt(Member member, Harm harm) {
        member.node().calls().handle(MapReduce.START_METHOD, (from, request) -> {
            TaskStart order = TaskStart.parseFrom(request);
            harm.answer(member, from, order);
            return CompletableFuture.completedFuture(new byte[0]);
        });
    }

    private static void send(Member member, Session parent, TaskResult.Builder result) {
        var unused = member.node()
                .calls()
                .call(parent, MapReduce.RESULT_METHOD, result.build().toByteArray());
    }

    @Test
    void garbageAndHugeReplies_areBoundedAndReported_andTheRestStands() {
        List<Harm> harms = List.of(
                // No list at all.
                (attacker, parent, order) -> send(
                        attacker,
                        parent,
                        TaskResult.newBuilder()
                                .setPart(order.getPart())
                                .setPieces(1)
                                .setBody(ByteString.copyFromUtf8("garbage"))),
                // A gigabyte, as announced.
                (attacker, parent, order) -> send(
                        attacker,
                        parent,
                        TaskResult.newBuilder().setPart(order.getPart()).setPieces(90_000)),
                // Members that stand elsewhere.
                (attacker, parent, order) -> send(
                        attacker,
                        parent,
                        TaskResult.newBuilder()
                                .setPart(order.getPart())
                                .setPieces(1)
                                .setBody(NodeReportList.newBuilder()
                                        .addNodes(NodeReport.of(
                                                        OverlayId.of(
                                                                order.getFrom().toByteArray()),
                                                        List.of(),
                                                        List.of())
                                                .toWire())
                                        .build()
                                        .toByteString())));
        for (Harm harm : harms) {
            RingWorld ring = atRest(40, 1);
            Member attacker = ring.members().get(20);
            corrupt(attacker, harm);
            CrawlReport report = crawl(ring, ring.members().get(3), CrawlOptions.usual(10 * SECOND_NANOS));
            SortedSet<OverlayId> honest = running(ring);
            honest.remove(attacker.id());
            assertThat(report.found()).containsExactlyElementsOf(honest);
            assertThat(report.coverage().gaps()).allSatisfy(gap -> {
                assertThat(gap.member()).isEqualTo(attacker.id());
                assertThat(gap.reason()).isEqualTo(GapReason.MALFORMED);
            });
            assertThat(report.nanos()).isLessThan(6 * SECOND_NANOS);
        }
    }

    @Test
    void smallReplies_areAskedForInParts_untilAllIsThere() {
        RingWorld ring = atRest(NODES, 1);
        Member asker = ring.members().get(5);
        TaskOptions options = TaskOptions.of(NeighbourListsTask.NAME, new byte[0], 60 * SECOND_NANOS)
                .withReplyBytes(2048);
        TaskReport report = await(ring, asker.crawler().mapReduce().run(asker.taskRing(), options), 61 * SECOND_NANOS);
        System.out.printf(
                "CrawlTest: replies of 2 KiB: %d bytes of lists, %d messages, gaps %s%n",
                report.value().length,
                report.coverage().messages(),
                report.coverage().gaps());
        assertThat(report.coverage().gaps()).isEmpty();
        assertThat(NeighbourListsTask.reports(report.value())).hasSize(NODES);
    }

    @Test
    void otherTasks_count_histogramTopAndPath_sayWhatTheyShould() {
        RingWorld ring = atRest(30, 2);
        Member asker = ring.members().get(5);
        MapReduce mapReduce = asker.crawler().mapReduce();
        TaskReport count = await(
                ring,
                mapReduce.run(asker.taskRing(), TaskOptions.of(CountTask.NAME, new byte[0], 10 * SECOND_NANOS)),
                11 * SECOND_NANOS);
        assertThat(CountTask.count(count.value())).isEqualTo(30);
        byte[] links = "links".getBytes(StandardCharsets.US_ASCII);
        TaskReport histogram = await(
                ring,
                mapReduce.run(asker.taskRing(), TaskOptions.of(HistogramTask.NAME, links, 10 * SECOND_NANOS)),
                11 * SECOND_NANOS);
        assertThat(HistogramTask.buckets(histogram.value()).values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(30);
        TaskReport top = await(
                ring,
                mapReduce.run(
                        asker.taskRing(),
                        TaskOptions.of(TopTask.NAME, TopTask.argument("links", 3), 10 * SECOND_NANOS)),
                11 * SECOND_NANOS);
        assertThat(TopTask.entries(top.value())).hasSize(3);
        OverlayId target = ring.members().get(17).id();
        TaskReport path = await(
                ring,
                mapReduce.run(
                        asker.taskRing(),
                        TaskOptions.of(NeighbourListsTask.NAME, new byte[0], 10 * SECOND_NANOS)
                                .along(target)),
                11 * SECOND_NANOS);
        assertThat(NeighbourListsTask.reports(path.value()).stream().map(NodeReport::id))
                .contains(asker.id(), target);
        assertThat(NeighbourListsTask.reports(path.value()).size()).isLessThan(8);
        assertThat(mapReduce.run(asker.taskRing(), TaskOptions.of("nonsense", new byte[0], SECOND_NANOS)))
                .isCompletedExceptionally();
    }

    @Test
    void manyCrawlsOfOneMember_areRefusedBeyondTheirShare() {
        RingWorld ring = atRest(16, 3);
        Member asker = ring.members().get(5);
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            CrawlReport report = crawl(ring, asker, CrawlOptions.usual(2 * SECOND_NANOS));
            refused += report.coverage().isComplete() ? 0 : 1;
            assertThat(report.coverage().members()).isPositive();
        }
        assertThat(refused).isGreaterThan(20);
        ring.world().runFor(30 * SECOND_NANOS);
        assertThat(crawl(ring, asker, CrawlOptions.usual(5 * SECOND_NANOS))
                        .coverage()
                        .isComplete())
                .isTrue();
    }

    @Test
    void wholeSplitRing_isConsistentInItself_andThoseOfTheOtherPartAreMissing() {
        RingWorld ring = atRest(24, 4);
        List<Member> shuffled = new ArrayList<>(ring.members());
        Collections.shuffle(shuffled, new Random(4));
        List<Member> half = shuffled.subList(0, 12);
        SortedSet<OverlayId> everybody = running(ring);
        ring.world().network().isolate(half.stream().map(Member::host).toList());
        ring.world().runFor(60 * SECOND_NANOS);
        CrawlReport report =
                crawl(ring, half.get(0), CrawlOptions.usual(10 * SECOND_NANOS).known(everybody));
        TreeSet<OverlayId> others = new TreeSet<>(everybody);
        half.forEach(member -> others.remove(member.id()));
        assertThat(report.consistency().value()).isEqualTo(1);
        assertThat(report.consistency().nodes()).isEqualTo(12);
        assertThat(report.missing()).containsExactlyElementsOf(others);
    }

    @Test
    void sameSeed_sameHistory() {
        List<String> digests = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            RingWorld ring = RingWorld.joined(16, 9, LinkModel.INTERNET.withLoss(0.05));
            crawl(ring, ring.members().get(3), CrawlOptions.usual(10 * SECOND_NANOS));
            digests.add(ring.world().digest());
        }
        assertThat(digests.get(0)).isEqualTo(digests.get(1));
    }
}

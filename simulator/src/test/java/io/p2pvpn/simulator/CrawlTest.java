package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
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

    static TreeSet<OverlayId> running(RingWorld ring) {
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
        return await(
                ring, from.crawler().crawl(from.node().publicRing(), options), options.timeoutNanos() + SECOND_NANOS);
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
}

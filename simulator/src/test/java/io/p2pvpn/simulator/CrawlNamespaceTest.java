package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.mapreduce.MapReduce;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.crawler.wire.proto.TaskStart;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Crawls of a namespace by whole nodes: members find each other, and nobody else is told anything. */
class CrawlNamespaceTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private static Ring ring(Node member) {
        return Objects.requireNonNull(
                Objects.requireNonNull(member.membership()).ring());
    }

    @Test
    void members_crawlTheirNamespace_andANodeOutsideIsRefused() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        List<Node> members = world.joinAll(8, bootstrap);
        world.runFor(20);
        Node asker = members.get(3);
        CrawlReport report = world.done(asker.daemon()
                .crawler()
                .crawl(TaskRing.of(asker.daemon().node(), ring(asker)), CrawlOptions.usual(10 * SECOND_NANOS)));
        assertThat(report.consistency().nodes()).isEqualTo(8);
        assertThat(report.consistency().value()).isEqualTo(1);
        assertThat(report.ring().stream().map(NodeReport::name))
                .containsExactlyInAnyOrderElementsOf(
                        members.stream().map(member -> member.host().name()).toList());
        CrawlReport open = world.done(asker.daemon()
                .crawler()
                .crawl(
                        TaskRing.of(asker.daemon().node(), asker.daemon().node().publicRing()),
                        CrawlOptions.usual(10 * SECOND_NANOS)));
        assertThat(open.consistency().nodes()).isEqualTo(9);
        assertThat(open.ring().stream().map(NodeReport::name)).containsOnly("");

        // The bootstrap has sessions with members, and is none.
        Session session = Objects.requireNonNull(bootstrap
                .daemon()
                .node()
                .sessions()
                .session(asker.daemon().node().identity().nodeId()));
        OverlayId self = bootstrap.daemon().node().publicRing().self();
        byte[] start = TaskStart.newBuilder()
                .setRing(ring(asker).ringIdBytes())
                .setSource(ByteString.copyFrom(self.toByteArray()))
                .setFrom(ByteString.copyFrom(self.toByteArray()))
                .setTo(ByteString.copyFrom(ring(asker).self().toByteArray()))
                .setHops(1)
                .setTask("neighbours")
                .setLeftMillis(1000)
                .setBytesMax(4096)
                .build()
                .toByteArray();
        CompletableFuture<byte[]> answer =
                bootstrap.daemon().node().calls().call(session, MapReduce.START_METHOD, start);
        world.runFor(10);
        assertThatThrownBy(answer::join).hasMessageContaining("refused");
        assertThat(asker.daemon()
                        .node()
                        .runtime()
                        .counters()
                        .counter("mapreduce.drop.not-a-member")
                        .value())
                .isPositive();
    }
}

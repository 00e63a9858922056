package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.stream.ByteStream;
import io.p2pvpn.overlay.stream.StreamError;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.node.StreamException;
import io.p2pvpn.vpn.node.VpnNamespace;
import io.p2pvpn.vpn.node.VpnStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Streams as applications of whole nodes have them: only between members, and only as long as they are. */
class StreamNamespaceTest {
    private static final int BYTES = 400_000;

    private static VpnNamespace lab(Node node) {
        return node.daemon().namespace(VpnWorld.NAMESPACE);
    }

    private static String address(Node node) {
        return Addresses.text4(node.address());
    }

    private static byte[] content(long seed) {
        byte[] content = new byte[BYTES];
        new SplittableRandom(seed).nextBytes(content);
        return content;
    }

    /** All that comes, when the end has. */
    private static CompletableFuture<byte[]> readAll(VpnStream stream) {
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        readOn(stream, new byte[5000], new ByteArrayOutputStream(), all);
        return all;
    }

    private static void readOn(
            VpnStream stream, byte[] buffer, ByteArrayOutputStream got, CompletableFuture<byte[]> all) {
        var unused = stream.read(buffer, 0, buffer.length).whenComplete((read, failure) -> {
            if (failure != null) {
                all.completeExceptionally(failure);
            } else if (read < 0) {
                all.complete(got.toByteArray());
            } else {
                got.write(buffer, 0, read);
                readOn(stream, buffer, got, all);
            }
        });
    }

    /** Answers with what it was sent. */
    private static void echo(VpnStream stream) {
        var unused = readAll(stream).thenCompose(stream::write).thenCompose(done -> stream.finish());
    }

    private static void sendThereAndBack(VpnWorld world, Node from, Node to, long seed) {
        var unused = world.done(lab(to).acceptStreams("echo", StreamNamespaceTest::echo));
        VpnStream stream = world.done(lab(from).openStream(address(to), "echo"));
        CompletableFuture<byte[]> answer = readAll(stream);
        byte[] content = content(seed);
        var written = stream.write(content).thenCompose(done -> stream.finish());
        assertThat(world.done(answer)).isEqualTo(content);
        assertThat(written).isCompleted();
    }

    @Test
    void stream_betweenMembers_goesThereAndBack() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            List<Node> members = world.joinAll(4, world.bootstrap());
            sendThereAndBack(world, members.get(1), members.get(3), seed);
        });
    }

    @Test
    void stream_toANodeWithSeveralQueues_goesThereAndBack() {
        VpnWorld world = new VpnWorld(3, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node one = world.add();
        Node two = world.add();
        one.host().setQueues(2);
        two.host().setQueues(3);
        world.start(one, VpnWorld.options("one"), bootstrap);
        world.start(two, VpnWorld.options("two"), bootstrap);
        assertThat(world.runUntilOne(List.of(one, two), 60)).isPositive();
        sendThereAndBack(world, one, two, 1);
        assertThat(two.counter("session.drop.handover")).isZero();
    }

    @Test
    void stream_ofWhoIsNoMember_isRefused() {
        VpnWorld world = new VpnWorld(4, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        List<Node> members = world.joinAll(2, bootstrap);
        List<VpnStream> taken = new ArrayList<>();
        var unused = world.done(lab(members.get(0)).acceptStreams("secret", taken::add));
        Session session = Objects.requireNonNull(bootstrap
                .daemon()
                .node()
                .sessions()
                .session(members.get(0).identity().publicIdentity().nodeId()));
        for (int channel = 0; channel < 256; channel++) {
            StreamEnds ends = new StreamEnds(bootstrap.host(), "secret", null);
            ByteStream stream = bootstrap.daemon().node().streams().open(session, channel, "secret", ends);
            assertThat(stream).isNotNull();
            world.runFor(channel % 50 == 0 ? 1 : 0);
        }
        world.runFor(5);
        StreamEnds last = new StreamEnds(bootstrap.host(), "secret", null);
        assertThat(bootstrap.daemon().node().streams().open(session, 1, "secret", last))
                .isNotNull();
        world.runFor(2);
        assertThat(last.reset()).isEqualTo(StreamError.Kind.NOT_A_MEMBER);
        assertThat(taken).isEmpty();
        assertThatThrownBy(() -> world.done(lab(members.get(1)).openStream(address(members.get(0)), "other")))
                .hasMessageContaining("nobody serves that there");
    }

    @Test
    void stream_ofAMemberThatIsPutOut_ends() {
        VpnWorld world = new VpnWorld(5, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node founder = world.found(bootstrap);
        List<Node> members = world.inviteAll(3, founder, bootstrap);
        Node served = members.get(1);
        Node out = members.get(2);
        List<VpnStream> taken = new ArrayList<>();
        var unused = world.done(lab(served).acceptStreams("news", taken::add));
        VpnStream stream = world.done(lab(out).openStream(address(served), "news"));
        world.runFor(2);
        CompletableFuture<Integer> read = taken.get(0).read(new byte[10], 0, 10);
        CompletableFuture<Integer> readOut = stream.read(new byte[10], 0, 10);
        var decided =
                world.done(VpnWorld.administration(founder).revoke(out.host().name()));
        world.runFor(8);
        assertThat(decided).isNotNull();
        assertThat(read).isCompletedExceptionally();
        assertThat(readOut).isCompletedExceptionally();
        assertThatThrownBy(read::join).cause().isInstanceOf(StreamException.class);
        assertThatThrownBy(readOut::join).cause().isInstanceOf(StreamException.class);
        assertThatThrownBy(() -> world.done(lab(out).openStream(address(served), "news")))
                .isNotNull();
    }
}

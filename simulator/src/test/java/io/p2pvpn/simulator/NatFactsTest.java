package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.nat.behaviour.NatLearner;
import io.p2pvpn.overlay.nat.NatFacts.Passage;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.MarkFrame;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.NatMark;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node finds out about the boxes in front of it, and what others can make it send for that. */
class NatFactsTest {
    private static final int SETTLE_SECONDS = 20;
    private static final int MARKS_PER_MINUTE = 30;

    private final VpnWorld world = new VpnWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
    private final Node bootstrap = world.bootstrap();

    private static NatLearner learner(Node node) {
        return node.daemon().traversal().learner();
    }

    private Node behind(NatBehaviour box) {
        return world.add(world.world().network().addNat(box).addHost("a"));
    }

    private void settle(Node... nodes) {
        world.runFor(1);
        for (Node node : nodes) {
            world.start(node, VpnWorld.options(node.host().name()), bootstrap);
        }
        world.runFor(SETTLE_SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void hairpin_ofABox_isFoundOut(boolean hairpins) {
        Node node = behind(NatBehaviour.FULL_CONE.withHairpinning(hairpins));
        settle(node);
        assertThat(learner(node).hairpin()).isEqualTo(hairpins ? Passage.PASSES : Passage.BLOCKED);
        assertThat(learner(node).preservesPorts()).isTrue();
    }

    @Test
    void hairpin_ofAHostWithAPublicAddress_passes() {
        Node node = world.add();
        settle(node);
        assertThat(learner(node).hairpin()).isEqualTo(Passage.PASSES);
        assertThat(learner(node).preservesPorts()).isTrue();
    }

    @Test
    void marks_thatAPeerAsksFor_areFewAndOnlyForGlobalAddresses() {
        Node node = world.add();
        settle(node);
        Session session = Objects.requireNonNull(node.daemon()
                .node()
                .sessions()
                .session(bootstrap.daemon().node().identity().nodeId()));
        byte[][] near = {{10, 0, 0, 1}, {127, 0, 0, 1}, {(byte) 192, (byte) 168, 1, 2}, {-1, -1, -1, -1}, new byte[16]};
        for (byte[] address : near) {
            ask(node, session, address);
        }
        world.runFor(5);
        long before = marks();
        assertThat(before).isLessThanOrEqualTo(1);
        for (int i = 0; i < 1000; i++) {
            ask(node, session, new byte[] {(byte) 203, 0, 113, (byte) i});
        }
        world.runFor(5);
        assertThat(marks() - before).isBetween(1L, (long) MARKS_PER_MINUTE);
    }

    private long marks() {
        return bootstrap.daemon().node().runtime().counters().snapshot().getOrDefault("nat.marks.sent", 0L);
    }

    private static void ask(Node node, Session session, byte[] address) {
        byte[] request = NatMark.newBuilder()
                .setNonce(ByteString.copyFrom(new byte[MarkFrame.NONCE_BYTES]))
                .setTarget(Endpoints.toProto(Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, address, 4001))))
                .build()
                .toByteArray();
        var unused = node.daemon().node().calls().call(session, "nat.mark", request);
    }
}

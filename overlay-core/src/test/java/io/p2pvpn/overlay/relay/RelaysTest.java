package io.p2pvpn.overlay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.path.FrameRoute.Kind;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.RelayBind;
import io.p2pvpn.overlay.wire.proto.RelayBound;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Two ends that cannot reach each other, and the nodes between them. */
class RelaysTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final TestNet net = new TestNet(7);

    private RelayPeer peer(int last) {
        return new RelayPeer(net, last, RelayLimits.DEFAULT);
    }

    /** Both ends have a direct session with the relay, and one over the ring with each other. */
    private void connect(RelayPeer a, RelayPeer b, RelayPeer... relays) {
        net.block(a.runtime(), b.runtime());
        for (RelayPeer relay : relays) {
            a.linkTo(relay);
            b.linkTo(relay);
        }
        net.runFor(SECOND_NANOS / 10);
        a.meetOverRing(b);
        b.meetOverRing(a);
    }

    private RelayPeer[] connected() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer relay = peer(3);
        connect(a, b, relay);
        net.runFor(3 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        assertThat(b.kindTo(a)).isEqualTo(Kind.RELAY);
        return new RelayPeer[] {a, b, relay};
    }

    private static byte[] last(RelayPeer sender) {
        List<byte[]> sent = sender.runtime().sent();
        return sent.get(sent.size() - 1);
    }

    private static byte[] body(byte[] frame) {
        byte[] same = frame.clone();
        Frame.putLabel(same, 0, 0);
        return same;
    }

    @Test
    void sessionWithoutADirectPath_findsTheCommonNeighbour_andPacketsPassUnopened() {
        RelayPeer[] all = connected();
        RelayPeer a = all[0];
        RelayPeer b = all[1];
        RelayPeer relay = all[2];
        assertThat(relay.relays().bindings()).isEqualTo(1);
        assertThat(Objects.requireNonNull(a.with(b).activePath()).route().via()).isEqualTo(relay.id());
        assertThat(a.with(b).isDirect()).isFalse();
        assertThat(a.with(b).isLinked()).isTrue();

        assertThat(a.sendPackets(b, 5, 700)).isTrue();
        net.runFor(SECOND_NANOS / 100);
        assertThat(b.packets()).hasSize(5);
        byte[] left = last(a);
        byte[] arrived = last(relay);
        assertThat(Frame.label(left, 0)).isNotZero();
        assertThat(Frame.label(arrived, 0)).isNotZero().isNotEqualTo(Frame.label(left, 0));
        assertThat(body(arrived)).isEqualTo(body(left));
        assertThat(relay.packets()).isEmpty();
    }

    @Test
    void batch_ofEqualFrames_isForwardedAsOneBatch() {
        RelayPeer[] all = connected();
        RelayPeer relay = all[2];
        assertThat(all[0].sendPackets(all[1], 3, 300)).isTrue();
        List<byte[]> sent = all[0].runtime().sent();
        byte[] one = sent.get(sent.size() - 1);
        byte[] batch = new byte[40 + 3 * one.length];
        for (int i = 0; i < 3; i++) {
            System.arraycopy(sent.get(sent.size() - 3 + i), 0, batch, 40 + i * one.length, one.length);
        }
        long before = relay.count("relay.forwarded.frames");
        relay.layer()
                .onFrames(all[0].runtime().address(), batch, 40, 3 * one.length, one.length, Transport.CLASS_DEFAULT);
        assertThat(relay.count("relay.forwarded.frames") - before).isEqualTo(3);
        net.runFor(SECOND_NANOS / 100);
        assertThat(all[1].packets()).hasSize(3);
        assertThat(all[1].count("session.drop.replayed")).isEqualTo(3);
    }

    @Test
    void trafficClass_passesTheRelay_andSoDoesAMarkOfTheFirstLeg() {
        RelayPeer[] all = connected();
        RelayPeer relay = all[2];
        assertThat(all[0].sendPackets(all[1], 2, 300, 0xba)).isTrue();
        net.runFor(SECOND_NANOS / 100);
        net.block(all[0].runtime(), relay.runtime());
        assertThat(all[0].sendPackets(all[1], 1, 300, 0xba)).isTrue();
        net.unblock(all[0].runtime(), relay.runtime());
        byte[] marked = last(all[0]).clone();
        relay.layer().onFrames(all[0].runtime().address(), marked, 0, marked.length, marked.length, 0xbb);
        net.runFor(SECOND_NANOS / 100);
        assertThat(all[1].classes()).containsExactly(0xba, 0xba, 0xbb);
    }

    @Test
    void forwarding_ofABatch_allocatesNothing() {
        RelayPeer[] all = connected();
        RelayPeer relay = all[2];
        assertThat(all[0].sendPackets(all[1], 1, 1400)).isTrue();
        byte[] one = last(all[0]);
        byte[] batch = new byte[32 * one.length];
        relay.runtime().setDiscarding(true);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int label = Frame.label(one, 0);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 50; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 200; i++) {
                for (int k = 0; k < 32; k++) {
                    System.arraycopy(one, 0, batch, k * one.length, one.length);
                    Frame.putLabel(batch, k * one.length, label);
                }
                relay.layer()
                        .onFrames(
                                all[0].runtime().address(),
                                batch,
                                0,
                                batch.length,
                                one.length,
                                Transport.CLASS_DEFAULT);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            net.runFor(SECOND_NANOS / 2);
        }
        assertThat(relay.count("relay.forwarded.frames")).isGreaterThan(10_000);
        assertThat(relay.count("relay.drop.endpoint")).isZero();
        assertThat(least).isLessThan(200);
    }

    @Test
    void limits_mayChange_andNothingIsForwardedAnyMoreIfTheySaySo() {
        RelayPeer[] all = connected();
        RelayPeer relay = all[2];
        relay.relays().limit(new RelayLimits(true, 4, 4, 1000, 1000));
        assertThat(all[0].sendPackets(all[1], 200, 1000)).isTrue();
        net.runFor(SECOND_NANOS / 100);
        assertThat(relay.count("relay.drop.limit")).isPositive();
        relay.relays().limit(RelayLimits.DEFAULT);
        long dropped = relay.count("relay.drop.limit");
        assertThat(all[0].sendPackets(all[1], 200, 1000)).isTrue();
        net.runFor(SECOND_NANOS / 100);
        assertThat(relay.count("relay.drop.limit")).isEqualTo(dropped);
        relay.relays().limit(RelayLimits.DECLINED);
        net.runFor(3 * SECOND_NANOS);
        assertThat(relay.relays().bindings()).isZero();
        assertThat(all[0].kindTo(all[1])).isNotEqualTo(Kind.RELAY);
    }

    @Test
    void labelledFrame_fromAnotherAddress_isDroppedAtTheRelayAndAtTheEnd() {
        RelayPeer[] all = connected();
        RelayPeer stranger = peer(9);
        assertThat(all[0].sendPackets(all[1], 1, 100)).isTrue();
        byte[] toRelay = last(all[0]).clone();
        net.runFor(SECOND_NANOS / 100);
        byte[] toEnd = last(all[2]).clone();
        long forwarded = all[2].count("relay.forwarded.frames");
        all[2].runtime().deliver(stranger.runtime().address(), toRelay, Transport.CLASS_DEFAULT);
        all[2].runtime().deliver(all[1].runtime().address(), toRelay, Transport.CLASS_DEFAULT);
        assertThat(all[2].count("relay.drop.endpoint")).isEqualTo(2);
        assertThat(all[2].count("relay.forwarded.frames")).isEqualTo(forwarded);
        all[1].runtime().deliver(stranger.runtime().address(), toEnd, Transport.CLASS_DEFAULT);
        assertThat(all[1].count("relay.drop.endpoint")).isEqualTo(1);
        assertThat(all[1].packets()).hasSize(1);
    }

    @Test
    void labelledFrame_withAnUnknownLabel_isDropped() {
        RelayPeer[] all = connected();
        byte[] frame = new byte[100];
        Frame.putHeader(frame, 0, Frame.TYPE_DATA, 0, 5, 1);
        Frame.putLabel(frame, 0, 0x12345678);
        Endpoint from = all[0].runtime().address();
        all[2].runtime().deliver(from, frame, Transport.CLASS_DEFAULT);
        assertThat(all[2].count("session.drop.unknown-label")).isEqualTo(1);
    }

    @Test
    void directPath_thatBeginsToWork_takesOver_andTheBindingIsReleased() {
        RelayPeer[] all = connected();
        net.unblock(all[0].runtime(), all[1].runtime());
        all[0].with(all[1]).sendCandidates(List.of(all[0].runtime().address()), NatFacts.UNKNOWN);
        net.runFor(SECOND_NANOS);
        assertThat(all[0].kindTo(all[1])).isEqualTo(Kind.UDP);
        assertThat(all[1].kindTo(all[0])).isEqualTo(Kind.UDP);
        net.runFor(60 * SECOND_NANOS);
        assertThat(all[2].relays().bindings()).isZero();
        assertThat(all[0].relays().routes()).isZero();
        assertThat(all[1].relays().routes()).isZero();
        assertThat(all[0].kindTo(all[1])).isEqualTo(Kind.UDP);
    }

    @Test
    void legThatEnds_sendsBothEndsBackToTheRing_atOnce_andAnotherRelayTakesOver() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer first = peer(3);
        connect(a, b, first);
        net.runFor(3 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        RelayPeer second = peer(4);
        a.linkTo(second);
        b.linkTo(second);
        net.runFor(SECOND_NANOS);

        first.with(b).close("gone");
        net.runFor(SECOND_NANOS / 100);
        assertThat(first.relays().bindings()).isZero();
        assertThat(a.kindTo(b)).isEqualTo(Kind.RING);
        assertThat(b.kindTo(a)).isEqualTo(Kind.RING);

        net.runFor(2 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        assertThat(Objects.requireNonNull(a.with(b).activePath()).route().via()).isEqualTo(second.id());
        assertThat(second.relays().bindings()).isEqualTo(1);
    }

    @Test
    void relayThatVanishes_isLeftWithinSeconds() {
        RelayPeer[] all = connected();
        net.block(all[0].runtime(), all[2].runtime());
        net.block(all[1].runtime(), all[2].runtime());
        assertThat(all[0].sendPackets(all[1], 1, 100)).isTrue();
        net.runFor(2 * SECOND_NANOS);
        assertThat(all[0].kindTo(all[1])).isEqualTo(Kind.RING);
        net.runFor(120 * SECOND_NANOS);
        assertThat(all[0].kindTo(all[1])).isEqualTo(Kind.RING);
        assertThat(all[0].relays().routes()).isZero();
        assertThat(all[2].relays().bindings()).isZero();
    }

    @Test
    void rekeying_goesOverTheRelay() {
        RelayPeer[] all = connected();
        for (int second = 0; second < 300; second++) {
            assertThat(all[0].sendPackets(all[1], 1, 100)).isTrue();
            assertThat(all[1].sendPackets(all[0], 1, 100)).isTrue();
            net.runFor(SECOND_NANOS);
        }
        assertThat(all[0].packets()).hasSize(300);
        assertThat(all[1].packets()).hasSize(300);
        assertThat(all[0].count("session.rekeyed") + all[1].count("session.rekeyed"))
                .isGreaterThanOrEqualTo(2);
        assertThat(all[0].kindTo(all[1])).isEqualTo(Kind.RELAY);
    }

    @Test
    void nodeThatDeclines_isNotUsed() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer declines = new RelayPeer(net, 3, RelayLimits.DECLINED);
        connect(a, b, declines);
        net.runFor(10 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RING);
        RelayPeer willing = peer(4);
        a.linkTo(willing);
        b.linkTo(willing);
        net.runFor(30 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        assertThat(Objects.requireNonNull(a.with(b).activePath()).route().via()).isEqualTo(willing.id());
    }

    @Test
    void neighbourOfThePeer_thatWeCanReach_relaysWhereThereIsNoCommonOne() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer relay = peer(3);
        net.block(a.runtime(), b.runtime());
        b.linkTo(relay);
        net.runFor(SECOND_NANOS / 10);
        a.meetOverRing(b);
        b.meetOverRing(a);
        net.runFor(8 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        assertThat(relay.relays().bindings()).isEqualTo(1);
        assertThat(a.with(relay).isWanted()).isTrue();
    }

    @Test
    void bindings_ofOneNodeAndInAll_areBounded() {
        RelayPeer a = peer(1);
        RelayPeer relay = new RelayPeer(net, 99, new RelayLimits(true, 3, 2, 1_000_000, 1_000_000));
        a.linkTo(relay);
        RelayPeer[] ends = new RelayPeer[4];
        for (int i = 0; i < ends.length; i++) {
            // Ends that agree to everything.
            ends[i] = new RelayPeer(net, 10 + i, null);
            ends[i].linkTo(relay);
            ends[i].calls().handle("relay.offer", (from, offer) -> CompletableFuture.completedFuture(bound(77)));
        }
        net.runFor(SECOND_NANOS);
        for (int i = 0; i < ends.length; i++) {
            assertThat(bind(a, relay, ends[i]) != 0).as("target " + i).isEqualTo(i < 2);
        }
        assertThat(bind(ends[0], relay, ends[1])).isNotZero();
        assertThat(bind(ends[2], relay, ends[3])).as("in all").isZero();
        assertThat(relay.relays().bindings()).isEqualTo(3);
        assertThat(bind(a, relay, ends[1])).as("asked again").isNotZero();
        assertThat(relay.count("relay.refused.limit")).isEqualTo(3);
    }

    private static byte[] bound(int label) {
        return RelayBound.newBuilder().setLabel(label).build().toByteArray();
    }

    /** The label that the relay gives out, 0 if it refuses. */
    private int bind(RelayPeer asker, RelayPeer relay, RelayPeer target) {
        RelayBind request = RelayBind.newBuilder()
                .setPeer(Relays.bytes(target.id()))
                .setLabel(55)
                .build();
        CompletableFuture<byte[]> reply = asker.calls().call(asker.with(relay), "relay.bind", request.toByteArray());
        net.runFor(SECOND_NANOS / 10);
        return reply.isDone() && !reply.isCompletedExceptionally() ? Relays.label(reply.join()) : 0;
    }

    @Test
    void binding_thatNothingUses_expires() {
        RelayPeer a = new RelayPeer(net, 1, null);
        RelayPeer b = new RelayPeer(net, 2, null);
        RelayPeer relay = peer(3);
        a.linkTo(relay);
        b.linkTo(relay);
        b.calls().handle("relay.offer", (from, offer) -> CompletableFuture.completedFuture(bound(77)));
        int[] told = new int[2];
        a.calls().handle("relay.release", (from, body) -> {
            told[0] = Relays.label(body);
            return CompletableFuture.completedFuture(new byte[0]);
        });
        b.calls().handle("relay.release", (from, body) -> {
            told[1] = Relays.label(body);
            return CompletableFuture.completedFuture(new byte[0]);
        });
        net.runFor(SECOND_NANOS);
        assertThat(bind(a, relay, b)).isNotZero();
        net.runFor(55 * SECOND_NANOS);
        assertThat(relay.relays().bindings()).isEqualTo(1);
        net.runFor(25 * SECOND_NANOS);
        assertThat(relay.relays().bindings()).isZero();
        assertThat(told).containsExactly(55, 77);
    }

    @Test
    void binding_withoutADirectLeg_orWithAnEndThatDisagrees_isRefused() {
        RelayPeer a = new RelayPeer(net, 1, null);
        RelayPeer b = new RelayPeer(net, 2, null);
        RelayPeer relay = peer(3);
        a.linkTo(relay);
        b.meetOverRing(relay);
        net.runFor(SECOND_NANOS);
        b.calls().handle("relay.offer", (from, offer) -> CompletableFuture.completedFuture(bound(77)));
        assertThat(bind(a, relay, b)).isZero();
        assertThat(bind(a, relay, a)).isZero();
        RelayPeer unwilling = peer(4);
        unwilling.linkTo(relay);
        net.runFor(SECOND_NANOS);
        assertThat(bind(a, relay, unwilling)).as("no session with us").isZero();
        assertThat(relay.relays().bindings()).isZero();
    }

    @Test
    void bytesPerSecond_ofARelay_areBounded_andTheRestIsDropped() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer relay = new RelayPeer(net, 3, new RelayLimits(true, 8, 8, 1_000_000, 100_000));
        connect(a, b, relay);
        net.runFor(10 * SECOND_NANOS);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        for (int i = 0; i < 1000; i++) {
            assertThat(a.sendPackets(b, 1, 962)).isTrue();
            net.runFor(SECOND_NANOS / 100);
        }
        // Frames of 1000 bytes, 100 a second: just what may pass; the probes take from the burst.
        assertThat(b.packets()).hasSize(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(a.sendPackets(b, 5, 962)).isTrue();
            net.runFor(SECOND_NANOS / 100);
        }
        assertThat(b.packets().size() - 1000).isBetween(950, 1150);
        assertThat(relay.count("relay.drop.limit")).isGreaterThan(3800);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
    }

    @Test
    void damagedRequests_areRefused_andRandomLabelledFramesOnlyCounted() {
        RelayPeer[] all = connected();
        for (String method :
                List.of("relay.bind", "relay.offer", "relay.candidates", "relay.release", "relay.meet", "relay.use")) {
            for (int bytes = 0; bytes < 40; bytes++) {
                byte[] body = new byte[bytes];
                Arrays.fill(body, (byte) (bytes * 7 + 3));
                var unused = all[0].calls().call(all[0].with(all[2]), method, body);
                net.runFor(SECOND_NANOS / 1000);
            }
        }
        net.runFor(SECOND_NANOS);
        assertThat(all[0].kindTo(all[1])).isEqualTo(Kind.RELAY);
        assertThat(all[2].relays().bindings()).isEqualTo(1);
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Broadcasts;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.RingBroadcast;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A member that abuses broadcasts: what it asks for is counted and dropped, or bounded. */
class BroadcastAbuseTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int NODES = 12;
    private static final String KIND = "test";

    private final RingWorld ring = RingWorld.joined(NODES, 1, LinkModel.CLEAN);
    private final Member attacker = ring.members().get(2);
    private final Member victim = neighbour(attacker);
    private final SplittableRandom random = new SplittableRandom(1);
    private int delivered;

    private Member neighbour(Member of) {
        OverlayId id = of.node().publicRing().successors().get(0).ringId();
        return ring.members().stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @BeforeEach
    void listen() {
        broadcasts(victim).handle(KIND, broadcast -> delivered++);
    }

    private static Broadcasts broadcasts(Member member) {
        return member.node().publicRing().broadcasts();
    }

    private static ByteString bytes(OverlayId id) {
        return ByteString.copyFrom(id.toByteArray());
    }

    /** The victim alone is to get it. */
    private RingBroadcast.Builder message() {
        return to(Arc.only(victim.id()));
    }

    private RingBroadcast.Builder to(Arc arc) {
        return RingBroadcast.newBuilder()
                .setSource(bytes(attacker.id()))
                .setNumber(random.nextLong())
                .setFrom(bytes(arc.from()))
                .setTo(bytes(arc.to()))
                .setHops(1)
                .setKind(KIND);
    }

    private CompletableFuture<byte[]> send(RingBroadcast.Builder message) {
        Session session = attacker.node()
                .sessions()
                .session(victim.identity().publicIdentity().nodeId());
        assertThat(session).isNotNull();
        return attacker.node()
                .calls()
                .call(session, Broadcasts.METHOD, message.build().toByteArray());
    }

    private static long counted(Member member, String counter) {
        return member.node()
                .runtime()
                .counters()
                .counter("broadcast." + counter)
                .value();
    }

    private long forwarded() {
        return ring.members().stream()
                .mapToLong(member -> counted(member, "forwarded"))
                .sum();
    }

    private void assertDropped(String counter, RingBroadcast.Builder message) {
        long before = counted(victim, counter);
        var unused = send(message);
        ring.world().runFor(SECOND_NANOS / 5);
        assertThat(counted(victim, counter)).as("%s", message.build()).isEqualTo(before + 1);
        assertThat(delivered).isZero();
        assertThat(forwarded()).isZero();
    }

    @Test
    void malformed_isRefused() {
        ByteString odd = ByteString.copyFrom(new byte[19]);
        assertDropped("drop.malformed", message().setSource(odd));
        assertDropped("drop.malformed", message().setFrom(odd));
        assertDropped("drop.malformed", message().clearTo());
        assertDropped("drop.malformed", message().setHops(0));
        assertDropped("drop.malformed", message().setHops(Broadcasts.HOPS_MAX + 1));
        assertDropped("drop.malformed", message().setHops(-1));
        assertDropped("drop.malformed", message().clearKind());
        assertDropped("drop.malformed", message().setKind("x".repeat(Broadcasts.KIND_BYTES_MAX + 1)));
        assertDropped(
                "drop.malformed",
                message().setPayload(ByteString.copyFrom(new byte[Broadcasts.PAYLOAD_BYTES_MAX + 1])));
        assertDropped("drop.malformed", message().addSilent(odd));
        RingBroadcast.Builder crowded = message();
        for (int i = 0; i < 9; i++) {
            crowded.addSilent(bytes(victim.id()));
        }
        assertDropped("drop.malformed", crowded);
    }

    /** In an honest tree neither who hands an arc over nor the source is in it, and the first hop is the source's. */
    @Test
    void arcsThatCannotBe_areDropped() {
        Member other = neighbour(victim);
        assertDropped("drop.misplaced", to(Arc.whole(attacker.id())));
        assertDropped("drop.misplaced", to(Arc.whole(victim.id())));
        assertDropped("drop.misplaced", to(new Arc(other.id(), victim.id())));
        assertDropped("drop.misplaced", message().setSource(bytes(victim.id())).setHops(2));
        assertDropped("drop.misplaced", message().setSource(bytes(other.id())));
    }

    @Test
    void ownBroadcasts_thatComeBack_areDuplicates() {
        Arc others = new Arc(victim.id(), attacker.id().minus(OverlayId.ZERO.withLowestBit(true)));
        assertDropped("duplicate", to(others).setSource(bytes(victim.id())).setHops(2));
    }

    @Test
    void repeatedAndGrowingArcs_areDeliveredOnce_andSeenToAFewTimes() {
        RingBroadcast.Builder message = message();
        for (int i = 0; i < 100; i++) {
            Arc wider = new Arc(attacker.id(), victim.id().plusFraction(i, 1000));
            if (!wider.contains(attacker.id())) {
                var unused = send(message.setFrom(bytes(wider.from())).setTo(bytes(wider.to())));
            }
            ring.world().runFor(SECOND_NANOS / 5);
        }
        assertThat(delivered).isEqualTo(1);
        assertThat(counted(victim, "forwarded")).isLessThan(8L * NODES);
        assertThat(forwarded()).isLessThan(8L * 8 * NODES);
    }

    /** Whatever it claims to have sent it, and however often: 512 KiB a second in all, 64 of one source. */
    @Test
    void floods_areCutToTheLimits() {
        byte[] payload = new byte[Broadcasts.PAYLOAD_BYTES_MAX];
        Arc rest = new Arc(attacker.id(), attacker.id().minus(OverlayId.ZERO.withLowestBit(true)));
        long seconds = 10;
        for (int i = 0; i < 100 * seconds; i++) {
            var unused = send(to(rest).setPayload(ByteString.copyFrom(payload)));
            ring.world().runFor(SECOND_NANOS / 100);
        }
        long ofOne = delivered;
        assertThat(ofOne * payload.length).isBetween(64L * 1024 * seconds, 64L * 1024 * (seconds + 3));
        assertThat(counted(victim, "drop.rate")).isPositive();
        delivered = 0;
        for (int i = 0; i < 100 * seconds; i++) {
            byte[] invented = new byte[OverlayId.BYTES];
            random.nextBytes(invented);
            OverlayId source = OverlayId.of(invented);
            Arc arc = new Arc(attacker.id(), victim.id());
            if (!arc.contains(source)) {
                var unused = send(to(arc).setSource(bytes(source)).setHops(2).setPayload(ByteString.copyFrom(payload)));
            }
            ring.world().runFor(SECOND_NANOS / 100);
        }
        assertThat((long) delivered * payload.length).isBetween(384L * 1024 * seconds, 512L * 1024 * (seconds + 2));
        // It answers, and its own broadcasts reach everybody, once the flood is over.
        ring.world().runFor(30 * SECOND_NANOS);
        assertThat(ring.wrong()).isNull();
        int[] got = new int[1];
        ring.members().forEach(member -> broadcasts(member).handle("after", broadcast -> got[0]++));
        assertThat(broadcasts(victim).send("after", new byte[0])).isTrue();
        ring.world().runFor(SECOND_NANOS);
        assertThat(got[0]).isEqualTo(NODES - 1);
    }

    @Test
    void ownSending_isLimited_soThatOthersTakeAllOfIt() {
        int sent = 0;
        for (int i = 0; i < 400; i++) {
            sent += broadcasts(attacker).send(KIND, new byte[100]) ? 1 : 0;
            ring.world().runFor(SECOND_NANOS / 200);
        }
        ring.world().runFor(10 * SECOND_NANOS);
        assertThat(counted(attacker, "drop.own-rate")).isEqualTo(400 - sent).isPositive();
        assertThat(delivered).isEqualTo(sent);
        assertThatThrownBy(() -> broadcasts(attacker).send(KIND, new byte[Broadcasts.PAYLOAD_BYTES_MAX + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> broadcasts(attacker).send("", new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

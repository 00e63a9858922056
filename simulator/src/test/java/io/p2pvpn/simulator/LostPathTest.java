package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A path is lost without a word, and only one of the two ends wants the session. */
class LostPathTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long CALL_NANOS = 10 * SECOND_NANOS;
    private static final long DELAY_NANOS = 20_000_000L;

    /** A way that is none of the network's, as a ring's. */
    private static final class RingWay implements FrameRoute {
        private final SimWorld world;
        private final Peer to;
        private @Nullable RingWay back;

        RingWay(SimWorld world, Peer to) {
            this.world = world;
            this.to = to;
        }

        @Override
        public Kind kind() {
            return Kind.RING;
        }

        @Override
        public @Nullable Endpoint endpoint() {
            return null;
        }

        @Override
        public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            byte[] frame = Arrays.copyOfRange(buffer, offset, offset + length);
            RingWay comesBack = Objects.requireNonNull(back);
            world.after(
                    DELAY_NANOS, () -> to.layer().onFrame(comesBack, frame, 0, frame.length, Transport.CLASS_DEFAULT));
            return true;
        }
    }

    private static FrameRoute.Kind kind(Session session) {
        Path active = session.activePath();
        return Objects.requireNonNull(active).route().kind();
    }

    /**
     * What the end answers that does not want the session went over the lost path for ever, as nobody asked whether
     * that still works: the other end asked it for a relay, in vain, and never became a member of its ring.
     */
    @Test
    void pathLost_whereOneEndOnlyWantsTheSession_itsAnswersTakeTheOtherWay() {
        SimWorld world = new SimWorld(1);
        Peer wanting = new Peer(world.network().addHost("a"), SessionConfig.DEFAULT);
        Peer other = new Peer(world.network().addHost("b"), SessionConfig.DEFAULT);
        RingWay there = new RingWay(world, other);
        RingWay back = new RingWay(world, wanting);
        there.back = back;
        back.back = there;
        wanting.callIk(other, CALL_NANOS);
        world.runFor(SECOND_NANOS);
        wanting.openWith(other).setWanted(true);
        wanting.openWith(other).tryRoute(there);
        world.runFor(5 * SECOND_NANOS);
        assertThat(kind(wanting.openWith(other))).isEqualTo(FrameRoute.Kind.UDP);
        assertThat(kind(other.openWith(wanting))).isEqualTo(FrameRoute.Kind.UDP);

        world.network().partition(List.of(wanting.host()), List.of(other.host()));
        world.runFor(60 * SECOND_NANOS);
        assertThat(kind(wanting.openWith(other))).isEqualTo(FrameRoute.Kind.RING);
        Control answer = Control.newBuilder()
                .setRingStatus(RingStatus.newBuilder().setRing(ByteString.copyFromUtf8("answer")))
                .build();
        other.openWith(wanting).send(answer);
        world.runFor(SECOND_NANOS);
        assertThat(wanting.statuses()).contains(answer);
    }
}

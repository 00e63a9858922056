package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.simulator.RingWorld.Member;
import org.junit.jupiter.api.Test;

/** Which kind of path carries traffic while a firewall comes and goes. */
class PathFallbackTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private static FrameRoute.Kind kind(Member from, Member to) {
        var session =
                from.node().sessions().session(to.identity().publicIdentity().nodeId());
        var path = session == null ? null : session.activePath();
        return path == null ? null : path.route().kind();
    }

    @Test
    void udpBlockedForAWhile_trafficTakesTcp_andReturnsToUdp() {
        SimSeeds.forEach(5, seed -> {
            RingWorld ring = RingWorld.joined(2, seed, LinkModel.INTERNET);
            Member a = ring.members().get(0);
            Member b = ring.members().get(1);
            assertThat(kind(a, b)).isEqualTo(FrameRoute.Kind.UDP);
            Tap firewall = (now, from, to, frame) -> to.kind() == Endpoint.Kind.UDP ? null : frame;
            ring.world().network().addTap(firewall);
            ring.world().runFor(60 * SECOND_NANOS);
            assertThat(kind(a, b)).isEqualTo(FrameRoute.Kind.TCP);
            assertThat(kind(b, a)).isEqualTo(FrameRoute.Kind.TCP);
            ring.world().network().removeTap(firewall);
            ring.world().runFor(30 * SECOND_NANOS);
            assertThat(kind(a, b)).isEqualTo(FrameRoute.Kind.UDP);
            assertThat(kind(b, a)).isEqualTo(FrameRoute.Kind.UDP);
        });
    }
}

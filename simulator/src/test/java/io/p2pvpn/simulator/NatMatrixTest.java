package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two members behind boxes of all kinds, and a public bootstrap node: which path do they find? */
class NatMatrixTest {
    private static final double JOIN_SECONDS_MAX = 60;
    private static final int SETTLE_SECONDS = 20;

    static List<Arguments> pairs() {
        return java.util.stream.Stream.of(HostKind.values())
                .flatMap(a -> java.util.stream.Stream.of(HostKind.values())
                        .filter(b -> b.compareTo(a) >= 0)
                        .map(b -> Arguments.of(a, b)))
                .toList();
    }

    private static FrameRoute.Kind expected(HostKind a, HostKind b) {
        if (b == HostKind.UDP_BLOCKED) {
            return a == HostKind.OPEN ? FrameRoute.Kind.TCP : FrameRoute.Kind.RELAY;
        }
        // Two boxes that draw a new port for each destination at random: nobody can guess both.
        return a == HostKind.SYMMETRIC ? FrameRoute.Kind.RELAY : FrameRoute.Kind.UDP;
    }

    private static FrameRoute.@Nullable Kind pathKind(Node from, Node to) {
        Session session = from.daemon()
                .node()
                .sessions()
                .session(to.daemon().node().identity().nodeId());
        Path active = session == null ? null : session.activePath();
        return active == null ? null : active.route().kind();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void pair_findsTheBestPathThatItsBoxesAllow(HostKind a, HostKind b) {
        VpnWorld world = new VpnWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node first = world.add(a.host(world.world().network(), "a"));
        Node second = world.add(b.host(world.world().network(), "b"));
        world.runFor(1);
        world.start(first, VpnWorld.options("a"), bootstrap);
        world.start(second, VpnWorld.options("b"), bootstrap);
        double seconds = world.runUntilOne(List.of(first, second), (long) JOIN_SECONDS_MAX);
        assertThat(seconds).as(() -> world.wrong(List.of(first, second))).isNotNegative();
        world.runFor(SETTLE_SECONDS);
        System.out.printf(
                Locale.ROOT, "%s %s: %s, one namespace after %.1f s%n", a, b, pathKind(first, second), seconds);
        assertThat(pathKind(first, second)).isEqualTo(expected(a, b));
        assertThat(pathKind(second, first)).isEqualTo(expected(a, b));
    }
}

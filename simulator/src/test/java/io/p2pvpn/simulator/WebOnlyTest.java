package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Members in networks that let nothing out but streams, or but web traffic, and a public node that offers TLS. */
class WebOnlyTest {
    private static final int JOIN_SECONDS_MAX = 60;
    private static final int RETURN_SECONDS_MAX = 60;
    private static final int SETTLE_SECONDS = 10;

    private static final long FIRST_PACKET = 1_000_000;
    private static final int PACKETS_MAX = 20_000;
    private static final int AFTER_PACKETS = 200;

    /** Two boxes that block, their members, and a bootstrap node with TLS at port 443. */
    private static final class Scene {
        private final VpnWorld world;
        private final Node bootstrap;
        private final List<SimNat> boxes;
        private final List<Node> members;

        Scene(long seed, LinkModel link, boolean firstWebOnly, boolean secondWebOnly) {
            world = new VpnWorld(seed, link);
            bootstrap = world.add();
            bootstrap.host().setTlsPort(443);
            world.start(bootstrap, null);
            boxes = List.of(box(firstWebOnly), box(secondWebOnly));
            members = List.of(
                    world.add(boxes.get(0).addHost("a")), world.add(boxes.get(1).addHost("b")));
            world.runFor(1);
            members.forEach(
                    member -> world.start(member, VpnWorld.options(member.host().name()), bootstrap));
        }

        private SimNat box(boolean webOnly) {
            SimNat box = world.world().network().addNat(NatBehaviour.PORT_RESTRICTED);
            box.setPassesUdp(false);
            box.setWebOnly(webOnly);
            return box;
        }

        private FrameRoute.@Nullable Kind kind(Node from, Node to) {
            Session session = from.daemon()
                    .node()
                    .sessions()
                    .session(to.daemon().node().identity().nodeId());
            Path active = session == null ? null : session.activePath();
            return active == null ? null : active.route().kind();
        }

        private boolean isOverUdp() {
            Node a = members.get(0);
            Node b = members.get(1);
            return kind(a, b) == FrameRoute.Kind.UDP
                    && kind(b, a) == FrameRoute.Kind.UDP
                    && kind(a, bootstrap) == FrameRoute.Kind.UDP
                    && kind(b, bootstrap) == FrameRoute.Kind.UDP;
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, true"})
    void blockedMembers_areRelayed_andReturnToUdpWhenItOpens(boolean firstWebOnly, boolean secondWebOnly) {
        SimSeeds.forEach(3, seed -> {
            Scene scene = new Scene(seed, LinkModel.INTERNET, firstWebOnly, secondWebOnly);
            Node a = scene.members.get(0);
            Node b = scene.members.get(1);
            double joined = scene.world.runUntilOne(scene.members, JOIN_SECONDS_MAX);
            assertThat(joined).as(() -> scene.world.wrong(scene.members)).isNotNegative();
            assertThat(scene.world.ping(a, b, 10)).isNotNegative();
            scene.world.runFor(SETTLE_SECONDS);
            assertThat(scene.kind(a, b)).isEqualTo(FrameRoute.Kind.RELAY);
            assertThat(scene.kind(b, a)).isEqualTo(FrameRoute.Kind.RELAY);
            assertThat(scene.kind(a, scene.bootstrap)).isEqualTo(stream(firstWebOnly));
            assertThat(scene.kind(b, scene.bootstrap)).isEqualTo(stream(secondWebOnly));
            // By now everybody asks as seldom as it gets; when it opens has nothing to do with when they ask.
            scene.world.runFor(300 + 7 * seed);

            scene.boxes.forEach(box -> box.setWebOnly(false));
            scene.boxes.forEach(box -> box.setPassesUdp(true));
            long opened = scene.world.world().nanoTime();
            boolean back = scene.world
                    .world()
                    .runUntil(scene::isOverUdp, RETURN_SECONDS_MAX * VpnWorld.SECOND_NANOS, 50_000_000L);
            System.out.printf(
                    Locale.ROOT,
                    "seed %d: joined after %.1f s, back on UDP after %.1f s%n",
                    seed,
                    joined,
                    (scene.world.world().nanoTime() - opened) / 1e9);
            assertThat(back)
                    .as(() -> "a-b " + scene.kind(a, b) + ", a-s " + scene.kind(a, scene.bootstrap) + ", b-s "
                            + scene.kind(b, scene.bootstrap))
                    .isTrue();
            assertThat(scene.world.ping(a, b, 10)).isNotNegative();
        });
    }

    @Test
    void returnToUdp_losesNoPacket() {
        LinkModel lossless = LinkModel.CLEAN.withDelay(15_000_000L, 30_000_000L, LinkModel.Jitter.EXPONENTIAL);
        SimSeeds.forEach(10, seed -> {
            Scene scene = new Scene(seed, lossless, seed % 2 == 0, true);
            Node a = scene.members.get(0);
            Node b = scene.members.get(1);
            assertThat(scene.world.runUntilOne(scene.members, JOIN_SECONDS_MAX)).isNotNegative();
            assertThat(scene.world.ping(a, b, 10)).isNotNegative();
            scene.world.runFor(SETTLE_SECONDS + seed);
            scene.boxes.forEach(box -> box.setWebOnly(false));
            scene.boxes.forEach(box -> box.setPassesUdp(true));
            Set<Long> sent = new TreeSet<>();
            int untilOver = AFTER_PACKETS;
            while (untilOver > 0 && sent.size() < PACKETS_MAX) {
                long number = FIRST_PACKET + sent.size();
                sent.add(number);
                a.tun().send(b.address(), number);
                scene.world.world().runFor(5_000_000L);
                untilOver -= scene.isOverUdp() ? 1 : 0;
            }
            scene.world.runFor(5);
            assertThat(untilOver).isZero();
            sent.removeAll(b.tun().received());
            assertThat(sent).isEmpty();
        });
    }

    private static FrameRoute.Kind stream(boolean webOnly) {
        return webOnly ? FrameRoute.Kind.TLS : FrameRoute.Kind.TCP;
    }

    @Test
    void openMembers_neverDialTls() {
        VpnWorld world = new VpnWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
        Node bootstrap = world.add();
        bootstrap.host().setTlsPort(443);
        world.start(bootstrap, null);
        world.runFor(1);
        List<Node> members = List.of(world.join(bootstrap), world.join(bootstrap));
        members.forEach(member ->
                assertThat(member.host().tlsAt(member.host().address())).isNull());
        world.runUntilOne(members, JOIN_SECONDS_MAX);
        world.runFor(SETTLE_SECONDS);
        for (Node member : members) {
            for (Session session : member.daemon().node().sessions().sessions()) {
                assertThat(session.paths()).noneMatch(path -> path.route().kind() == FrameRoute.Kind.TLS);
            }
        }
    }
}

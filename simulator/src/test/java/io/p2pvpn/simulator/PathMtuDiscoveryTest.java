package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.wire.Frame;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The largest frame of a path is found and kept to, whatever the network loses. */
class PathMtuDiscoveryTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int OVERHEAD_BYTES = 28 + Session.PACKET_OVERHEAD_BYTES;

    private static final LinkModel CLEAN = LinkModel.constantDelay(10 * MILLI_NANOS);

    /** Two hosts and the way between them. */
    private static final class Line {
        private final SimWorld world;
        private final Peer a;
        private final Peer b;

        Line(long seed, int interfaceMtu) {
            world = new SimWorld(seed);
            a = peer("a", interfaceMtu);
            b = peer("b", interfaceMtu);
        }

        private Peer peer(String name, int interfaceMtu) {
            SimHost host = world.network().addHost(name);
            host.setMtuBytes(interfaceMtu);
            return new Peer(host, SessionConfig.DEFAULT);
        }

        void link(LinkModel there, LinkModel back) {
            world.network().setLink(a.host(), b.host(), there);
            world.network().setLink(b.host(), a.host(), back);
        }

        void connect() {
            a.callIk(b, 20 * SECOND_NANOS);
            assertThat(world.runUntil(() -> a.with(b) != null && b.with(a) != null, 20 * SECOND_NANOS))
                    .isTrue();
            for (Session session : new Session[] {a.openWith(b), b.openWith(a)}) {
                session.setWanted(true);
                session.watchFrameBytes();
            }
        }

        /** Packets as large as the path is said to carry, one every 20 ms, and small ones back. */
        void stream(long durationNanos) {
            for (long time = 0; time < durationNanos; time += 20 * MILLI_NANOS) {
                a.sendPacket(b, Frame.PREFIX_BYTES + a.openWith(b).packetBytes());
                b.sendPacket(a);
                world.runFor(20 * MILLI_NANOS);
            }
        }
    }

    private static int mtu(Peer from, Peer to) {
        return from.openWith(to).packetBytes() + OVERHEAD_BYTES;
    }

    private static boolean isKnown(Peer from, Peer to) {
        return from.openWith(to).isPacketBytesKnown();
    }

    @Test
    void ethernet_isFoundInOneRoundTrip() {
        Line line = new Line(1, 1500);
        line.link(CLEAN, CLEAN);
        line.connect();
        line.world.runFor(30 * MILLI_NANOS);
        assertThat(isKnown(line.a, line.b)).isTrue();
        assertThat(mtu(line.a, line.b)).isEqualTo(1500);
        assertThat(line.a.count("session.mtu.probes")).isEqualTo(1);
    }

    @Test
    void smallerLink_idleOrNot_isFound() {
        Line line = new Line(1, 1500);
        line.link(CLEAN.withMtu(1420), CLEAN.withMtu(1280));
        line.connect();
        line.world.runFor(5 * SECOND_NANOS);
        assertThat(isKnown(line.a, line.b)).isTrue();
        assertThat(mtu(line.a, line.b)).isEqualTo(1420);
        assertThat(mtu(line.b, line.a)).isEqualTo(1280);
        line.stream(5 * SECOND_NANOS);
        assertThat(line.b.packets()).hasSize((int) line.a.packetsSent());
        assertThat(line.a.count("session.mtu.black-holes")).isZero();
    }

    @Test
    void jumboLink_isUsed() {
        Line jumbo = new Line(2, 9000);
        jumbo.link(CLEAN.withMtu(9000), CLEAN.withMtu(9000));
        jumbo.connect();
        jumbo.stream(5 * SECOND_NANOS);
        assertThat(mtu(jumbo.a, jumbo.b)).isEqualTo(9000);
        assertThat(mtu(jumbo.b, jumbo.a)).isEqualTo(9000);
        assertThat(jumbo.b.packets()).hasSize((int) jumbo.a.packetsSent());
    }

    @Test
    void jumboInterface_beforeAnEthernetPath_isNoHarm() {
        Line jumbo = new Line(3, 9000);
        jumbo.link(CLEAN, CLEAN);
        jumbo.connect();
        jumbo.stream(5 * SECOND_NANOS);
        assertThat(mtu(jumbo.a, jumbo.b)).isEqualTo(1500);
        assertThat(jumbo.b.packets()).hasSize((int) jumbo.a.packetsSent());
    }

    @Test
    void tenPercentLoss_theSizeIsFoundAndKept() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            Line run = new Line(seed, 1500);
            LinkModel lossy = CLEAN.withLoss(0.1).withMtu(1480);
            run.link(lossy, lossy);
            run.connect();
            run.stream(30 * SECOND_NANOS);
            assertThat(mtu(run.a, run.b)).isLessThanOrEqualTo(1480);
            assertThat(run.b.packets().size()).isGreaterThan((int) (run.a.packetsSent() * 0.8));
        });
    }

    @Test
    void linkShrinksInMidFlight_streamGoesOnSoon() {
        Line line = new Line(1, 1500);
        line.link(CLEAN, CLEAN);
        line.connect();
        line.stream(5 * SECOND_NANOS);
        assertThat(mtu(line.a, line.b)).isEqualTo(1500);
        line.link(CLEAN.withMtu(1400), CLEAN.withMtu(1400));
        int before = line.b.packets().size();
        line.stream(3 * SECOND_NANOS);
        assertThat(line.a.count("session.mtu.black-holes")).isEqualTo(1);
        assertThat(line.b.packets().size()).isGreaterThan(before);
        line.stream(5 * SECOND_NANOS);
        assertThat(mtu(line.a, line.b)).isEqualTo(1400);
        assertThat(isKnown(line.a, line.b)).isTrue();
        assertThat(line.a.downs()).isEmpty();
        assertThat(line.b.downs()).isEmpty();
    }

    @Test
    void linkGrows_isFoundWithinTenMinutes() {
        Line line = new Line(1, 1500);
        line.link(CLEAN.withMtu(1400), CLEAN);
        line.connect();
        line.stream(5 * SECOND_NANOS);
        assertThat(mtu(line.a, line.b)).isEqualTo(1400);
        line.link(CLEAN, CLEAN);
        line.stream(600 * SECOND_NANOS);
        assertThat(mtu(line.a, line.b)).isEqualTo(1500);
    }

    @Test
    void relayPath_carriesWhatBothLegsDo() {
        RelayWorld relayed = new RelayWorld(1, 4, NatBehaviour.SYMMETRIC);
        assertThat(relayed.longestGapMillis(20, 100)).isPositive();
        for (VpnWorld.Node from : new VpnWorld.Node[] {relayed.first(), relayed.second()}) {
            Path path = Objects.requireNonNull(
                    RelayWorld.active(from, from == relayed.first() ? relayed.second() : relayed.first()));
            assertThat(path.route().kind()).isEqualTo(FrameRoute.Kind.RELAY);
            assertThat(path.isFrameBytesKnown()).isTrue();
            assertThat(path.frameBytes()).isEqualTo(1472);
        }
    }

    @Test
    void deadPeer_endsTheSession_whateverIsBeingTried() {
        Line line = new Line(1, 1500);
        line.link(CLEAN.withMtu(1280), CLEAN.withMtu(1280));
        line.connect();
        line.b.host().setUp(false);
        line.world.runFor(60 * SECOND_NANOS);
        assertThat(line.a.with(line.b)).isNull();
        assertThat(line.a.count("session.mtu.probes")).isLessThan(20);
    }
}

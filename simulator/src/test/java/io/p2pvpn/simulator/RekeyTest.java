package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** New keys under traffic. */
class RekeyTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long CALL_NANOS = 10 * SECOND_NANOS;
    private static final int PACKETS = 400;

    private static SessionConfig rekeyAfter(long nanos) {
        SessionConfig normal = SessionConfig.DEFAULT;
        return new SessionConfig(
                CipherSuite.AES_256_GCM,
                nanos,
                2 * nanos,
                normal.keepaliveNanos(),
                normal.idleNanos(),
                normal.crypto());
    }

    private static Peer normal(SimWorld world, String name) {
        return new Peer(world.network().addHost(name), SessionConfig.DEFAULT);
    }

    private static void connect(SimWorld world, Peer a, Peer b) {
        a.callIk(b, CALL_NANOS);
        assertThat(world.runUntil(() -> a.with(b) != null && b.with(a) != null, CALL_NANOS))
                .isTrue();
    }

    private static Set<String> streamBothWays(SimWorld world, Peer a, Peer b) {
        TreeSet<String> keys = new TreeSet<>();
        a.stream(b, MILLI_NANOS, PACKETS);
        b.stream(a, MILLI_NANOS, PACKETS);
        for (int i = 0; i < PACKETS / 10; i++) {
            world.runFor(10 * MILLI_NANOS);
            keys.add(HexFormat.of().formatHex(a.openWith(b).handshakeHash()));
        }
        world.runFor(SECOND_NANOS);
        return keys;
    }

    private static void assertAllArrivedOnce(Peer peer) {
        assertThat(peer.packets()).hasSize(PACKETS);
        assertThat(peer.packets().values()).allMatch(times -> times == 1);
    }

    private static void runEvery50Ms(long seed, LinkModel link) {
        SimWorld world = new SimWorld(seed);
        world.network().setDefaultLink(link);
        Peer a = new Peer(world.network().addHost("a"), rekeyAfter(50 * MILLI_NANOS));
        Peer b = new Peer(world.network().addHost("b"), rekeyAfter(50 * MILLI_NANOS));
        connect(world, a, b);
        Set<String> keys = streamBothWays(world, a, b);
        assertAllArrivedOnce(a);
        assertAllArrivedOnce(b);
        // A round trip takes a part of each interval, and a captured answer may cost a try.
        assertThat(keys).hasSizeGreaterThanOrEqualTo(3);
        assertThat(a.downs()).isEmpty();
        assertThat(b.downs()).isEmpty();
    }

    @Test
    void rekey_every50MsUnderFullTraffic_losesNoPacket() {
        SimSeeds.forEach(Seeds.count(), seed -> runEvery50Ms(seed, LinkModel.CLEAN));
    }

    @Test
    void rekey_every50MsWithReordering_losesNoPacket() {
        LinkModel reordering = new LinkModel(
                5 * MILLI_NANOS, 15 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0, 0.1, 0.3, 60 * MILLI_NANOS, 1500);
        SimSeeds.forEach(Seeds.count(), seed -> runEvery50Ms(seed, reordering));
    }

    @Test
    void rekey_atTheNormalInterval_replacesTheKeysOfUsedSessionsOnly() {
        SimWorld world = new SimWorld(5);
        Peer a = normal(world, "a");
        Peer b = normal(world, "b");
        connect(world, a, b);
        a.openWith(b).setWanted(true);
        byte[] first = a.openWith(b).handshakeHash();
        world.runFor(300 * SECOND_NANOS);
        assertThat(a.openWith(b).handshakeHash()).isEqualTo(first);
        a.sendPacket(b);
        world.runFor(SECOND_NANOS);
        byte[] second = a.openWith(b).handshakeHash();
        assertThat(second).isNotEqualTo(first);
        assertThat(b.openWith(a).handshakeHash()).isEqualTo(second);
        a.sendPacket(b);
        world.runFor(118 * SECOND_NANOS);
        assertThat(a.openWith(b).handshakeHash()).isEqualTo(second);
        world.runFor(4 * SECOND_NANOS);
        assertThat(a.openWith(b).handshakeHash()).isNotEqualTo(second);
        assertThat(a.count("session.rekeyed")).isEqualTo(2);
    }

    @Test
    void rekey_ofASessionThatCarriesNoPackets_comesLate() {
        SimWorld world = new SimWorld(5);
        Peer a = normal(world, "a");
        Peer b = normal(world, "b");
        connect(world, a, b);
        a.openWith(b).setWanted(true);
        byte[] first = a.openWith(b).handshakeHash();
        b.openWith(a)
                .send(Control.newBuilder()
                        .setRingStatus(RingStatus.getDefaultInstance())
                        .build());
        world.runFor(1795 * SECOND_NANOS);
        assertThat(a.openWith(b).handshakeHash()).isEqualTo(first);
        world.runFor(10 * SECOND_NANOS);
        assertThat(a.openWith(b).handshakeHash()).isNotEqualTo(first);
        assertThat(a.count("session.rekeyed")).isEqualTo(1);
    }

    @Test
    void oldKeys_afterTheirTime_openNothingMore() {
        SimWorld world = new SimWorld(6);
        Peer a = new Peer(world.network().addHost("a"), rekeyAfter(20 * SECOND_NANOS));
        Peer b = new Peer(world.network().addHost("b"), rekeyAfter(20 * SECOND_NANOS));
        connect(world, a, b);
        a.openWith(b).setWanted(true);
        byte[] old = b.openWith(a).handshakeHash();
        a.stream(b, 100 * MILLI_NANOS, 400);
        world.runFor(22 * SECOND_NANOS);
        assertThat(b.openWith(a).handshakeHash()).isNotEqualTo(old);
        assertThat(b.openWith(a).isBoundTo(old)).isTrue();
        world.runFor(13 * SECOND_NANOS);
        assertThat(b.openWith(a).isBoundTo(old)).isFalse();
        assertThat(a.openWith(b).isBoundTo(old)).isFalse();
    }
}

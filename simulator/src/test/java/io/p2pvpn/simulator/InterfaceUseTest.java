package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.RingWorld.Member;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A host with an interface for each address family, one of which is not to be used like the other. */
class InterfaceUseTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private static Endpoint ipv6(int last) {
        byte[] address = {0x20, 1, 0x0d, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) last};
        Endpoint endpoint = Endpoint.of(Endpoint.Kind.UDP, address, SimNetwork.DEFAULT_PORT);
        assertThat(endpoint).isNotNull();
        return endpoint;
    }

    private static Endpoint ipv4(int last) {
        Endpoint endpoint = Endpoint.of(Endpoint.Kind.UDP, new byte[] {13, 0, 0, (byte) last}, SimNetwork.DEFAULT_PORT);
        assertThat(endpoint).isNotNull();
        return endpoint;
    }

    private static @Nullable Endpoint active(Member from, Member to) {
        Session session =
                from.node().sessions().session(to.identity().publicIdentity().nodeId());
        Path path = session == null ? null : session.activePath();
        return path == null ? null : path.route().endpoint();
    }

    @ParameterizedTest
    @EnumSource(
            value = InterfaceUse.class,
            names = {"BACKUP", "METERED", "OFF"})
    void firstWay_isOverTheOtherInterface_andTrafficGoesOverTheOneThatIsOn(InterfaceUse use) {
        RingWorld ring = new RingWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
        SimNetwork network = ring.world().network();
        Member one = ring.add(network.addHost("one", ipv4(1), ipv6(1)));
        one.node().foundPublicRing();
        Member two = ring.add(network.addHost("two", ipv4(2), ipv6(2)));
        if (use != InterfaceUse.OFF) {
            two.host().setUse(ipv4(2), use);
        }
        ring.bootstrap(two, one);
        ring.world().runFor(20 * SECOND_NANOS);
        two.host().setUse(ipv4(2), use);
        ring.world().runFor(40 * SECOND_NANOS);
        assertThat(active(two, one)).isEqualTo(ipv6(1));
        assertThat(active(one, two)).isEqualTo(ipv6(2));

        // The interface that is on loses its address: the other carries what there is, unless it is off.
        two.host().roam(ipv4(2));
        ring.world().runFor(60 * SECOND_NANOS);
        assertThat(ipv4(1).equals(active(two, one))).isEqualTo(use != InterfaceUse.OFF);
        assertThat(two.node().runtime().transport().isMetered()).isEqualTo(use == InterfaceUse.METERED);
    }
}

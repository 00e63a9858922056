package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An idle shortcut through a box that gives each destination a mapping of its own, and forgets it when it is idle. */
class KeepaliveTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int MEMBERS = 16;
    private static final int IDLE_SECONDS = 600;

    private static @Nullable Endpoint active(Member from, Member to) {
        Session session =
                from.node().sessions().session(to.identity().publicIdentity().nodeId());
        Path path = session == null ? null : session.activePath();
        return path == null || path.probesUnanswered() > 1 ? null : path.route().endpoint();
    }

    /** Somebody who is neither a near nor a far neighbour of either end. */
    private static Member stranger(RingWorld ring, Member one) {
        for (Member other : ring.members()) {
            boolean known = other == one
                    || !one.node()
                            .links()
                            .purposes(other.identity().publicIdentity().nodeId())
                            .isEmpty()
                    || !other.node()
                            .links()
                            .purposes(one.identity().publicIdentity().nodeId())
                            .isEmpty();
            if (!known) {
                return other;
            }
        }
        throw new IllegalStateException("all know each other");
    }

    @ParameterizedTest
    @CsvSource({"15, 6", "30, 12", "120, 25"})
    void mappingIsKept_withNoMorePacketsThanItNeeds(int timeoutSeconds, int keepaliveSeconds) {
        RingWorld ring = new RingWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
        ring.setTraversing(true);
        Member bootstrap = ring.found();
        for (int i = 1; i < MEMBERS; i++) {
            ring.join(bootstrap);
            ring.world().runFor(SECOND_NANOS / 10);
        }
        SimNetwork network = ring.world().network();
        SimNat box = network.addNat(NatBehaviour.SYMMETRIC.withTimeoutNanos(timeoutSeconds * SECOND_NANOS));
        Member inside = ring.add(box.addHost("inside"));
        ring.bootstrap(inside, bootstrap);
        ring.world().runFor(300 * SECOND_NANOS);
        Member peer = stranger(ring, inside);
        var unused = inside.node()
                .connect(
                        inside.node().publicRing(),
                        new Contact(
                                peer.id(),
                                peer.identity().publicIdentity(),
                                List.of(peer.host().address())),
                        Purpose.CHOTA);
        ring.world().runFor(60 * SECOND_NANOS);
        Endpoint outside = active(peer, inside);
        assertThat(outside).isNotNull();
        List<Endpoint> sent = new ArrayList<>();
        network.addTap((now, from, to, frame) -> {
            if (from.equals(outside) && to.equals(peer.host().address())) {
                sent.add(from);
            }
            return frame;
        });
        for (int second = 0; second < IDLE_SECONDS; second++) {
            ring.world().runFor(SECOND_NANOS);
            assertThat(active(peer, inside)).isEqualTo(outside);
            assertThat(active(inside, peer)).isEqualTo(peer.host().address());
        }
        System.out.printf(
                Locale.ROOT,
                "box forgets after %d s: keepalive %d s, %d packets out in %d s (%d with 5 s)%n",
                timeoutSeconds,
                keepaliveSeconds,
                sent.size(),
                IDLE_SECONDS,
                IDLE_SECONDS / 5);
        // One end probes half a second before the other would.
        int most = 2 * IDLE_SECONDS / (2 * keepaliveSeconds - 1) + 10;
        assertThat(sent.size()).isBetween(IDLE_SECONDS / keepaliveSeconds - 5, most);
    }
}

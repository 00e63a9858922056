package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.NatPunch;
import io.p2pvpn.overlay.wire.proto.RingMerge;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** A member asks others, thousands of times, to connect to where somebody lives who has nothing to do with it. */
class ThirdPartyTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long MILLI_NANOS = 1_000_000L;
    private static final int REQUESTS = 10_000;
    private static final int HEADERS_BYTES = 28;
    private static final int PACKETS_PER_SECOND_MAX = 300;

    private RingWorld ring;
    private Member attacker;
    private Member used;
    private SimHost victim;
    private long sentBytes;
    private int sentPackets;
    private int mostInSecond;

    private void build(boolean isRelayed) {
        ring = new RingWorld(1, LinkModel.INTERNET);
        ring.setTraversing(true);
        Member bootstrap = ring.found();
        ring.join(bootstrap);
        SimNetwork network = ring.world().network();
        attacker = ring.add(isRelayed ? HostKind.UDP_BLOCKED.host(network, "attacker") : network.addHost("attacker"));
        used = ring.add(isRelayed ? HostKind.PORT_RESTRICTED.host(network, "used") : network.addHost("used"));
        ring.bootstrap(attacker, bootstrap);
        ring.bootstrap(used, bootstrap);
        victim = network.addHost("victim");
        ring.world().runFor(20 * SECOND_NANOS);
    }

    private Session toUsed() {
        Session session = attacker.node()
                .sessions()
                .session(used.identity().publicIdentity().nodeId());
        assertThat(session).isNotNull();
        return session;
    }

    /** Asks once each millisecond, then looks on for a minute. */
    private void flood(String what, IntConsumer request) {
        int[] second = new int[2];
        ring.world().network().addTap((now, from, to, frame) -> {
            if (to.address().equals(victim.address().address())) {
                sentBytes += frame.length + HEADERS_BYTES;
                sentPackets++;
                int index = (int) (now / SECOND_NANOS);
                second[1] = second[0] == index ? second[1] + 1 : 1;
                second[0] = index;
                mostInSecond = Math.max(mostInSecond, second[1]);
            }
            return frame;
        });
        long askedBefore = toUsed().sentBytes();
        for (int i = 0; i < REQUESTS; i++) {
            request.accept(i);
            ring.world().runFor(MILLI_NANOS);
        }
        long askedBytes = toUsed().sentBytes() - askedBefore;
        ring.world().runFor(60 * SECOND_NANOS);
        System.out.printf(
                Locale.ROOT,
                "%s: %d requests of %d bytes, %d packets of %d bytes to a third party, at most %d in a second%n",
                what,
                REQUESTS,
                askedBytes,
                sentPackets,
                sentBytes,
                mostInSecond);
        assertThat(sentBytes).isLessThan(askedBytes);
        assertThat(mostInSecond).isLessThanOrEqualTo(PACKETS_PER_SECOND_MAX);
    }

    private Endpoint victimAt(int i) {
        return Endpoint.of(Endpoint.Kind.UDP, victim.address().address(), 1024 + i);
    }

    @Test
    void candidates_ofAThirdParty_costItLessThanTheyCost() {
        build(false);
        flood("candidates", i -> {
            List<Endpoint> named = new ArrayList<>();
            for (int k = 0; k < Contact.ENDPOINTS_MAX; k++) {
                named.add(victimAt((i * Contact.ENDPOINTS_MAX + k) % 60_000));
            }
            toUsed().sendCandidates(named, NatFacts.UNKNOWN);
        });
    }

    @Test
    void punching_towardsAThirdParty_costsItLessThanItCosts() {
        build(true);
        byte[] request = NatPunch.newBuilder()
                .setOutside(Endpoints.toProto(victimAt(0)))
                .setSockets(256)
                .build()
                .toByteArray();
        flood("punching", i -> {
            var unused = attacker.node().calls().call(toUsed(), "nat.punch", request);
        });
    }

    @Test
    void contacts_atAThirdParty_costItLessThanTheyCost() {
        build(false);
        flood("contacts", i -> {
            Identity made = Identity.generate(attacker.host().runtime().keys());
            Contact contact = new Contact(
                    made.publicIdentity().nodeId(), made.publicIdentity(), List.of(victimAt(i), victimAt(i + 1)));
            byte[] request = RingMerge.newBuilder()
                    .setRing(ByteString.EMPTY)
                    .setRounds(8)
                    .setContact(Contacts.toProto(contact))
                    .build()
                    .toByteArray();
            var unused = attacker.node().calls().call(toUsed(), Ring.MERGE_METHOD, request);
        });
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.NatPunch;
import io.p2pvpn.simulator.RingWorld.Member;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Boxes with a port of its own for each destination against those that let no stranger in. */
class NatPunchTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int TRIES = 60;
    private static final int PACKETS_PER_SECOND_MAX = 300;
    /** Side sockets with which a node asks a peer what is in front of it, and answers one that asks. */
    private static final int CHECKS = 2;
    /** What a node sends per second anyhow, at most, in a network of four. */
    private static final int OTHER_PACKETS = 60;

    /** Searches that a node makes at a time. */
    private static final int SEARCHES_MAX = 8;

    private static final NatBehaviour COUNTING = NatBehaviour.SYMMETRIC.withPorts(NatBehaviour.PortChoice.SEQUENTIAL);

    /** Two public nodes and two behind boxes. */
    private static final class Two {
        final RingWorld ring;
        final Member one;
        final Member other;

        Two(long seed, NatBehaviour first, List<NatBehaviour> second) {
            ring = new RingWorld(seed, LinkModel.INTERNET);
            ring.setTraversing(true);
            Member bootstrap = ring.found();
            ring.join(bootstrap);
            ring.world().runFor(SECOND_NANOS);
            SimNetwork network = ring.world().network();
            one = ring.add(network.addNat(first).addHost("one"));
            SimNat box = network.addNat(second.get(0));
            for (NatBehaviour inner : second.subList(1, second.size())) {
                box = box.addNat(inner);
            }
            other = ring.add(box.addHost("other"));
            ring.bootstrap(one, bootstrap);
            ring.bootstrap(other, bootstrap);
        }

        @Nullable
        Session session() {
            return one.node()
                    .sessions()
                    .session(other.identity().publicIdentity().nodeId());
        }

        boolean isDirect() {
            Session session = session();
            return session != null && session.isOverUdp();
        }

        /** The time until the pair is direct, or -1. */
        long run(long limitNanos) {
            ring.world().runUntil(() -> session() != null, 20 * SECOND_NANOS, SECOND_NANOS / 100);
            OverlayId id = other.id();
            var unused = one.node()
                    .connect(
                            one.node().publicRing(),
                            new Contact(id, other.identity().publicIdentity(), List.of()),
                            Purpose.CHOTA);
            long start = ring.world().nanoTime();
            boolean direct = ring.world().runUntil(this::isDirect, limitNanos, SECOND_NANOS / 100);
            return direct ? ring.world().nanoTime() - start : -1;
        }

        /** Connects a member to the second one. */
        private void meet(Member member) {
            Contact contact = new Contact(other.id(), other.identity().publicIdentity(), List.of());
            var unused = member.node().connect(member.node().publicRing(), contact, Purpose.CHOTA);
        }

        /** Whether the second one agrees to search ports for this member. */
        private boolean asks(Member member) {
            Endpoint named = Endpoint.of(Endpoint.Kind.UDP, new byte[] {11, 99, 0, 1}, 4001);
            byte[] request = NatPunch.newBuilder()
                    .setOutside(Endpoints.toProto(named))
                    .build()
                    .toByteArray();
            Session session = member.node()
                    .sessions()
                    .session(other.identity().publicIdentity().nodeId());
            var answer = member.node().calls().call(session, "nat.punch", request);
            ring.world().runFor(SECOND_NANOS / 2);
            return answer.isDone() && !answer.isCompletedExceptionally();
        }

        private int sideSockets(Member member) {
            return member.host().runtime().transport().sideSockets();
        }
    }

    @Test
    void randomPorts_areFoundWithinTheBudget() {
        List<Long> times = new ArrayList<>();
        int[] most = new int[1];
        for (int seed = 1; seed <= TRIES; seed++) {
            List<NatBehaviour> second = seed % 2 == 0
                    ? List.of(NatBehaviour.PORT_RESTRICTED)
                    : List.of(NatBehaviour.PORT_RESTRICTED, NatBehaviour.PORT_RESTRICTED);
            Two two = new Two(seed, NatBehaviour.SYMMETRIC, second);
            Map<InetAddress, int[]> inSecond = new HashMap<>();
            two.ring.world().network().addTap((now, from, to, frame) -> {
                int[] count = inSecond.computeIfAbsent(from.address(), unused -> new int[2]);
                int second0 = (int) (now / SECOND_NANOS);
                count[1] = count[0] == second0 ? count[1] + 1 : 1;
                count[0] = second0;
                most[0] = Math.max(most[0], count[1]);
                return frame;
            });
            long nanos = two.run(20 * SECOND_NANOS);
            if (nanos >= 0) {
                times.add(nanos);
                // What is open besides belongs to the checks that every node makes.
                two.ring.world().runFor(70 * SECOND_NANOS);
                assertThat(two.isDirect()).isTrue();
                assertThat(two.sideSockets(two.one)).as("sockets kept").isBetween(1, 2 + CHECKS);
                assertThat(two.sideSockets(two.other)).as("sockets kept").isLessThanOrEqualTo(CHECKS);
            }
        }
        times.sort(null);
        System.out.printf(
                Locale.ROOT,
                "%d of %d found, after %.1f s (median), %.1f s at most; at most %d packets in a second%n",
                times.size(),
                TRIES,
                times.get(times.size() / 2) / 1e9,
                times.get(times.size() - 1) / 1e9,
                most[0]);
        assertThat(times.size()).isGreaterThanOrEqualTo(57);
        assertThat(most[0]).isLessThanOrEqualTo(PACKETS_PER_SECOND_MAX + OTHER_PACKETS);
    }

    @Test
    void twoBoxesThatCount_meet() {
        int met = 0;
        for (int seed = 1; seed <= 60; seed++) {
            met += new Two(seed, COUNTING, List.of(COUNTING)).run(30 * SECOND_NANOS) >= 0 ? 1 : 0;
        }
        System.out.printf("boxes that count: %d of 60 met%n", met);
        assertThat(met).isGreaterThanOrEqualTo(45);
    }

    @Test
    void oneBoxThatCounts_isFoundAtOnce() {
        for (int seed = 1; seed <= 10; seed++) {
            long nanos = new Two(seed, COUNTING, List.of(NatBehaviour.PORT_RESTRICTED)).run(20 * SECOND_NANOS);
            assertThat(nanos).as("seed %d", seed).isBetween(0L, 5 * SECOND_NANOS);
        }
    }

    /** Members ask for searches, and do not pay for a single packet of them: others wait for seconds only. */
    @Test
    void searchesThatNobodyPaysFor_giveUpTheirTurns() {
        Two two = new Two(1, NatBehaviour.SYMMETRIC, List.of(NatBehaviour.PORT_RESTRICTED));
        List<Member> asking = new ArrayList<>();
        for (int i = 0; i <= SEARCHES_MAX; i++) {
            Member member =
                    two.ring.add(HostKind.UDP_BLOCKED.host(two.ring.world().network(), "asking" + i));
            two.ring.bootstrap(member, two.ring.members().get(0));
            asking.add(member);
        }
        // The honest pair finds its way meanwhile, and keeps out of the way.
        two.ring.world().runFor(60 * SECOND_NANOS);
        asking.forEach(two::meet);
        two.ring.world().runFor(5 * SECOND_NANOS);
        for (Member member : asking.subList(0, SEARCHES_MAX)) {
            assertThat(two.asks(member)).as("%s is served", member.host()).isTrue();
        }
        Member late = asking.get(SEARCHES_MAX);
        assertThat(two.asks(late)).isFalse();
        two.ring.world().runFor(15 * SECOND_NANOS);
        assertThat(two.asks(late)).isTrue();
    }

    /** No way is found, and looking for one costs ever less. */
    @Test
    void twoBoxesThatDraw_areLeftInPeace() {
        Two two = new Two(1, NatBehaviour.SYMMETRIC, List.of(NatBehaviour.SYMMETRIC));
        assertThat(two.run(60 * SECOND_NANOS)).isEqualTo(-1);
        assertThat(two.sideSockets(two.one) + two.sideSockets(two.other)).isLessThanOrEqualTo(2 * CHECKS);
    }
}

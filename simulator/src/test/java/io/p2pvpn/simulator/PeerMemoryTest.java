package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What one more peer costs a member in memory: whole nodes with real ciphers and all the state that they have in the
 * daemon, over a network that is modelled. A host adds no buffers to that for each peer: those of datagrams belong to
 * the sockets, and all peers share these.
 *
 * <p>{@code -Dp2pvpn.memory.few=50 -Dp2pvpn.memory.many=200} sets the numbers of peers, and
 * {@code -Dp2pvpn.memory.queues=2} the member's queues. With 200 peers it takes minutes:
 * {@code -Dtest.methodTimeout=20m} besides.
 */
final class PeerMemoryTest {
    private static final int FEW = Integer.getInteger("p2pvpn.memory.few", 10);
    private static final int MANY = Integer.getInteger("p2pvpn.memory.many", 40);
    private static final int QUEUES = Integer.getInteger("p2pvpn.memory.queues", 1);
    private static final long BYTES_PER_PEER_MAX = 64 * 1024;

    private static final int JOINS_PER_SECOND = 5;
    private static final int ROUNDS = 3;
    /** All rounds together are so long that sessions have changed keys. */
    private static final long ROUND_SECONDS = 70;

    private static final long PING_SECONDS_MAX = 10;
    /** Longer than any timer runs. */
    private static final long LONG_NANOS = 100 * 86_400 * VpnWorld.SECOND_NANOS;

    @Test
    void memberOfManyPeers_keepsLessThan64KilobytesForEach() throws Exception {
        long few = bytesOfMember(FEW);
        long many = bytesOfMember(MANY);
        double each = (many - few) / (double) (MANY - FEW);
        System.out.printf(
                "member with %d queues: %,d bytes with %d peers, %,d with %d: %,.0f bytes for each more%n",
                QUEUES, few, FEW, many, MANY, each);
        // A session has a replay window and keys; with less than that the objects were not those of the member.
        assertThat(each).isBetween(1024.0, (double) BYTES_PER_PEER_MAX);
    }

    /** What becomes free when a member with so many sessions in use goes, after all of its peers have gone. */
    private static long bytesOfMember(int peers) throws Exception {
        VpnWorld world = new VpnWorld(1, LinkModel.CLEAN);
        Node bootstrap = world.add();
        bootstrap.host().setAcceptsStreams(false);
        world.start(bootstrap, null);
        Node member = join(world, bootstrap, QUEUES);
        world.runFor(10);
        List<Node> others = new ArrayList<>();
        for (int i = 1; i <= peers; i++) {
            others.add(join(world, bootstrap, 1));
            world.runFor(i % JOINS_PER_SECOND == 0 ? 1 : 0);
        }
        List<Node> all = new ArrayList<>(others);
        all.add(member);
        assertThat(world.runUntilOne(all, 300)).as(() -> world.wrong(all)).isNotNegative();
        for (int round = 0; round < ROUNDS; round++) {
            for (Node other : others) {
                assertThat(world.ping(member, other, PING_SECONDS_MAX)).isNotNegative();
                assertThat(world.ping(other, member, PING_SECONDS_MAX)).isNotNegative();
            }
            world.runFor(ROUND_SECONDS);
        }
        // One that neither end wants any more ends after 45 s without a packet.
        assertThat(directSessions(member)).isGreaterThanOrEqualTo(peers - peers / 10);
        assertThat(all.stream()
                        .mapToLong(node -> node.counter("session.rekeyed"))
                        .sum())
                .isPositive();

        WeakReference<Object> daemon = new WeakReference<>(member.daemon());
        // Nothing happens at the member from now on, and what the world still had to do for the others gets done.
        member.host().pause(2 * LONG_NANOS);
        others.forEach(Node::crash);
        bootstrap.crash();
        world.world().runFor(LONG_NANOS);
        long before = LiveHeap.bytes();
        member.crash();
        world.world().runFor(2 * LONG_NANOS);
        long after = LiveHeap.bytes();
        assertThat(daemon.get()).isNull();
        return before - after;
    }

    /** A host without streams: the modelled end of a stream here would hold the node at its other end. */
    private static Node join(VpnWorld world, Node bootstrap, int queues) {
        Node node = world.add();
        node.host().setAcceptsStreams(false);
        node.host().setQueues(queues);
        world.start(node, VpnWorld.options(node.host().name()), bootstrap);
        return node;
    }

    private static long directSessions(Node node) {
        return node.daemon().node().sessions().sessions().stream()
                .filter(Session::isDirect)
                .count();
    }
}

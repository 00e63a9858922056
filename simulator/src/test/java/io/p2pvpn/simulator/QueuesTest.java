package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.session.SessionLane;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Data planes of several queues: the agents run inline, each on its own state. */
class QueuesTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long REKEY_NANOS = 50 * MILLI_NANOS;
    private static final int PACKETS = 600;
    private static final int CHANNEL = 7;
    private static final int PLAIN_BYTES = Frame.PREFIX_BYTES + Long.BYTES;

    /** A peer that sends on all of its lanes, and takes what comes on each queue's own. */
    private static final class Side {
        final Peer peer;
        final int queues;
        final TreeMap<Long, Integer> delivered = new TreeMap<>();
        final TreeSet<Integer> classes = new TreeSet<>();
        int trafficClass;
        long next;

        Side(SimWorld world, String name, int queues) {
            this.queues = queues;
            SimHost host = world.network().addHost(name);
            host.setQueues(queues);
            SessionConfig normal = SessionConfig.DEFAULT;
            peer = new Peer(
                    host,
                    new SessionConfig(
                            CipherSuite.AES_256_GCM,
                            REKEY_NANOS,
                            REKEY_NANOS,
                            normal.keepaliveNanos(),
                            normal.idleNanos(),
                            normal.crypto()));
        }

        void listen(Side other) {
            Session session = peer.openWith(other.peer);
            for (int queue = 1; queue < queues; queue++) {
                SessionLane lane = session.lane(queue);
                peer.layer().dataQueues().get(queue - 1).tell(() -> lane.setSink(CHANNEL, this::take));
            }
        }

        private boolean take(int kind, byte[] buffer, int offset, int length, int itsClass) {
            delivered.merge(ByteBuffer.wrap(buffer).getLong(offset), 1, Integer::sum);
            classes.add(itsClass);
            return true;
        }

        void send(Side other) {
            Session session = peer.openWith(other.peer);
            byte[] plain = new byte[PLAIN_BYTES];
            plain[0] = Frame.KIND_PACKET;
            plain[1] = CHANNEL;
            ByteBuffer.wrap(plain).putLong(Frame.PREFIX_BYTES, next);
            byte[] frame = new byte[PLAIN_BYTES + Frame.OVERHEAD_BYTES];
            int queue = (int) (next++ % queues);
            if (queue == 0) {
                session.seal(plain, 0, PLAIN_BYTES, frame, 0);
                session.sendFrames(frame, 0, frame.length, frame.length, trafficClass);
            } else {
                SessionLane lane = session.lane(queue);
                peer.layer().dataQueues().get(queue - 1).tell(() -> {
                    peer.layer().dataQueues().get(queue - 1).onTurn();
                    assertThat(lane.isDirect()).isTrue();
                    assertThat(lane.seal(plain, 0, PLAIN_BYTES, frame, 0)).isEqualTo(frame.length);
                    lane.send(frame, 0, frame.length, frame.length, trafficClass);
                });
            }
        }

        void stream(Side other, int count) {
            if (count > 0) {
                send(other);
                peer.host().world().after(MILLI_NANOS, () -> stream(other, count - 1));
            }
        }

        Map<Long, Integer> all() {
            TreeMap<Long, Integer> all = new TreeMap<>(peer.packets());
            delivered.forEach((number, times) -> all.merge(number, times, Integer::sum));
            return all;
        }
    }

    /** Sees to it that no nonce is used twice, and remembers all frames. */
    private static final class Nonces implements Tap {
        final TreeSet<String> used = new TreeSet<>();
        final List<byte[]> frames = new ArrayList<>();
        final List<Endpoint[]> ways = new ArrayList<>();

        @Override
        public byte[] onFrame(long nowNanos, Endpoint from, Endpoint to, byte[] frame) {
            if (Frame.type(frame, 0, frame.length) == Frame.TYPE_DATA) {
                String nonce = to + " " + Frame.receiver(frame, 0) + " " + Frame.lane(frame, 0) + " "
                        + Frame.counter(frame, 0);
                assertThat(used.add(nonce)).as("nonce " + nonce).isTrue();
                frames.add(frame);
                ways.add(new Endpoint[] {from, to});
            }
            return frame;
        }
    }

    private static final class Pair {
        final SimWorld world;
        final Nonces nonces = new Nonces();
        final Side a;
        final Side b;

        Pair(long seed, LinkModel link, int queuesA, int queuesB) {
            world = new SimWorld(seed);
            world.network().setDefaultLink(link);
            world.network().addTap(nonces);
            world.network().setBatchReceiving(seed % 2 == 0);
            a = new Side(world, "a", queuesA);
            b = new Side(world, "b", queuesB);
            a.peer.callIk(b.peer, 10 * SECOND_NANOS);
            assertThat(world.runUntil(
                            () -> a.peer.with(b.peer) != null && b.peer.with(a.peer) != null, 10 * SECOND_NANOS))
                    .isTrue();
            a.listen(b);
            b.listen(a);
            world.runFor(SECOND_NANOS);
        }

        void streamBothWays() {
            a.stream(b, PACKETS);
            b.stream(a, PACKETS);
            world.runFor((PACKETS + 1000) * MILLI_NANOS);
        }
    }

    private static Pair stream(long seed, LinkModel link) {
        SplittableRandom dice = new SplittableRandom(seed);
        Pair pair = new Pair(seed, link, 1 + dice.nextInt(4), 1 + dice.nextInt(4));
        pair.streamBothWays();
        assertThat(pair.a.peer.count("session.rekeyed") + pair.b.peer.count("session.rekeyed"))
                .isGreaterThan(3);
        for (Side side : List.of(pair.a, pair.b)) {
            assertThat(side.all().values()).allMatch(times -> times == 1);
            assertThat(side.peer.downs()).isEmpty();
            assertThat(side.peer.count("session.drop.handover")).isZero();
            Side other = side == pair.a ? pair.b : pair.a;
            if (side.queues > 1 && other.queues % side.queues == 0) {
                assertThat(side.delivered).isNotEmpty();
            }
        }
        return pair;
    }

    @Test
    void allLanes_underRekeysAndReordering_loseNothing() {
        LinkModel reordering = new LinkModel(
                5 * MILLI_NANOS, 15 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0, 0.1, 0.3, 60 * MILLI_NANOS, 1500);
        SimSeeds.forEach(Seeds.count(10), seed -> {
            Pair pair = stream(seed, reordering);
            assertThat(pair.a.all()).hasSize(PACKETS);
            assertThat(pair.b.all()).hasSize(PACKETS);
        });
    }

    @Test
    void allLanes_underLoss_loseWhatTheLinkLoses() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            Pair pair = stream(seed, LinkModel.INTERNET.withLoss(0.05));
            assertThat(pair.a.all().size()).isBetween(PACKETS * 88 / 100, PACKETS - 1);
        });
    }

    @Test
    void replays_onAnyQueueByAnyWay_areRefused() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            Pair pair = stream(seed, LinkModel.CLEAN);
            Map<Long, Integer> a = pair.a.all();
            Map<Long, Integer> b = pair.b.all();
            Endpoint stranger = Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, new byte[] {9, 9, 9, 9}, 99));
            for (int i = 0; i < pair.nonces.frames.size(); i++) {
                Endpoint[] way = pair.nonces.ways.get(i);
                Endpoint from = i % 2 == 0 ? way[0] : stranger;
                pair.world.network().inject(from, way[1], pair.nonces.frames.get(i));
            }
            pair.world.runFor(SECOND_NANOS);
            assertThat(pair.a.all()).isEqualTo(a);
            assertThat(pair.b.all()).isEqualTo(b);
            assertThat(pair.a.peer.count("session.drop.replayed")).isPositive();
        });
    }

    @Test
    void counters_ofSessionAndQueues_countWhatQueuesDid() {
        Pair pair = new Pair(3, LinkModel.CLEAN, 4, 2);
        pair.streamBothWays();
        Session atA = pair.a.peer.openWith(pair.b.peer);
        Session atB = pair.b.peer.openWith(pair.a.peer);
        long frameBytes = PLAIN_BYTES + Frame.OVERHEAD_BYTES;
        assertThat(atA.sentBytes()).isGreaterThan(PACKETS * frameBytes);
        assertThat(atB.receivedBytes()).isEqualTo(atA.sentBytes());
        assertThat(atA.receivedBytes()).isEqualTo(atB.sentBytes());
        // Lanes 1 and 3 modulo 4 are lane 1 modulo 2; that one in turn is one of the two modulo 4.
        assertThat(pair.b.peer.count("queue.1.session.received.frames")).isEqualTo(PACKETS / 2);
        assertThat(pair.a.peer.count("queue.1.session.received.frames")
                        + pair.a.peer.count("queue.3.session.received.frames"))
                .isEqualTo(PACKETS / 2);
        assertThat(pair.b.delivered).hasSize(PACKETS / 2);
    }

    /** Packets that two queues do not share the lane of are handed over, to the loop and from it. */
    @Test
    void trafficClass_ofPacketsOnAnyWay_arrives() {
        for (int queues = 1; queues <= 4; queues++) {
            Pair pair = new Pair(queues, LinkModel.CLEAN, queues, 3);
            pair.a.trafficClass = 0xba;
            pair.b.trafficClass = 0x6d;
            pair.streamBothWays();
            assertThat(pair.a.all()).hasSize(PACKETS);
            assertThat(pair.b.all()).hasSize(PACKETS);
            TreeSet<Integer> atA = new TreeSet<>(pair.a.classes);
            TreeSet<Integer> atB = new TreeSet<>(pair.b.classes);
            atA.addAll(pair.a.peer.classes());
            atB.addAll(pair.b.peer.classes());
            assertThat(atA).containsExactly(0x6d);
            assertThat(atB).containsExactly(0xba);
        }
    }

    @Test
    void roaming_ofAPeerThatSendsOnOtherQueuesOnly_isFollowed() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            Pair pair = new Pair(seed, LinkModel.INTERNET, 2, 2);
            pair.a.next = 1;
            Endpoint elsewhere = Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, new byte[] {7, 7, 7, 7}, 77));
            for (int i = 0; i < 1500; i++) {
                pair.world.after(i * MILLI_NANOS, () -> {
                    pair.a.send(pair.b);
                    pair.a.next++;
                });
            }
            pair.world.runFor(200 * MILLI_NANOS);
            pair.a.peer.host().roam(elsewhere);
            boolean moved = pair.world.runUntil(
                    () -> {
                        Path active = pair.b.peer.openWith(pair.a.peer).activePath();
                        return active != null && elsewhere.equals(active.route().endpoint());
                    },
                    SECOND_NANOS);
            assertThat(moved).isTrue();
        });
    }

    @Test
    void deadPath_underTrafficOfOtherQueues_isNoticed() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN, 2, 2);
            pair.a.next = 1;
            pair.b.peer.host().setUp(false);
            pair.world.runFor(SECOND_NANOS);
            long start = pair.world.nanoTime();
            pair.a.send(pair.b);
            Session session = pair.a.peer.openWith(pair.b.peer);
            assertThat(pair.world.runUntil(session::isInDoubt, SECOND_NANOS)).isTrue();
            assertThat(pair.world.nanoTime() - start).isLessThan(600 * MILLI_NANOS);
        });
    }

    @Test
    void wholeNodes_withQueues_moveEveryPacketOnce() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET.withLoss(0));
            Node bootstrap = world.bootstrap();
            List<Node> members = new ArrayList<>();
            for (int queues = 1; queues <= 4; queues *= 2) {
                Node node = world.add();
                node.host().setQueues(queues);
                world.start(node, VpnWorld.options(node.host().name()), bootstrap);
                members.add(node);
            }
            assertThat(world.runUntilOne(members, 120)).isNotNegative();
            for (int round = 0; round < 60; round++) {
                for (Node from : members) {
                    for (Node to : members) {
                        if (from != to) {
                            assertThat(world.ping(from, to, 10)).isNotNegative();
                        }
                    }
                }
                // One more, so that each pair's packets take other queues in the next round.
                assertThat(world.ping(members.get(1), members.get(0), 10)).isNotNegative();
                world.runFor(4);
            }
            for (Node node : members) {
                List<Long> received = node.tun().received();
                assertThat(received).hasSize(node == members.get(0) ? 180 : 120).doesNotHaveDuplicates();
                assertThat(node.counter("session.drop.handover")).isZero();
            }
            assertThat(members.get(1).counter("queue.1.data.sent.packets")).isPositive();
            assertThat(members.get(1).counter("queue.1.data.received.packets")).isPositive();
            assertThat(members.get(2).counter("queue.2.data.sent.packets")).isPositive();
            assertThat(members.get(2).counter("data.sent.packets")).isGreaterThanOrEqualTo(120);
        });
    }
}

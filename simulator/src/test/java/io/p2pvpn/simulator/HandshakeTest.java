package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Handshakes between two session layers over bad networks, and with attackers. */
class HandshakeTest {
    static final long MILLI_NANOS = 1_000_000L;
    static final long SECOND_NANOS = 1_000_000_000L;
    static final LinkModel LOSSY = new LinkModel(
            10 * MILLI_NANOS, 25 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0.2, 0.1, 0.2, 60 * MILLI_NANOS, 1500);

    private static final long CALL_NANOS = 10 * SECOND_NANOS;

    private static final class Pair {
        final SimWorld world;
        final Peer a;
        final Peer b;

        Pair(long seed, LinkModel link) {
            world = new SimWorld(seed);
            world.network().setDefaultLink(link);
            a = new Peer(world.network().addHost("a"), SessionConfig.DEFAULT);
            b = new Peer(world.network().addHost("b"), SessionConfig.DEFAULT);
        }

        boolean areBothUp() {
            return a.with(b) != null && b.with(a) != null;
        }

        /** Packets both ways get through, about as many as the link lets pass. */
        void assertTrafficFlows() {
            int before = a.packets().size() + b.packets().size();
            a.stream(b, MILLI_NANOS, 50);
            b.stream(a, MILLI_NANOS, 50);
            world.runFor(SECOND_NANOS);
            assertThat(a.packets().size() + b.packets().size() - before).isGreaterThan(50);
            assertThat(a.packets().values()).allMatch(times -> times == 1);
            assertThat(b.packets().values()).allMatch(times -> times == 1);
        }

        void assertOneSessionEach() {
            assertThat(List.of(a.ups(), b.ups())).containsExactly(1, 1);
            assertThat(a.layer().sessions()).hasSize(1);
            assertThat(b.layer().sessions()).hasSize(1);
            assertThat(a.downs()).isEmpty();
            assertThat(b.downs()).isEmpty();
        }
    }

    /** What the first messages go over that a calls b with, whose UDP and TCP endpoints it knows. */
    private static List<Endpoint.Kind> dialled(boolean udpPasses) {
        Pair pair = new Pair(1, LinkModel.CLEAN);
        List<Endpoint.Kind> kinds = new ArrayList<>();
        pair.world.network().addTap((now, from, to, frame) -> {
            if (from.address().equals(pair.a.host().address().address())) {
                kinds.add(to.kind());
            }
            return udpPasses || to.kind() != Endpoint.Kind.UDP ? frame : null;
        });
        Endpoint udp = pair.b.host().address();
        pair.a
                .layer()
                .initiate(
                        pair.b.identity(),
                        null,
                        List.of(
                                pair.a.layer().routeTo(udp.withKind(Endpoint.Kind.TCP)),
                                pair.a.layer().routeTo(udp)),
                        CALL_NANOS,
                        pair.a);
        assertThat(pair.world.runUntil(pair::areBothUp, SECOND_NANOS)).isTrue();
        return kinds;
    }

    @Test
    void ik_udpAnswers_noStreamIsDialled() {
        assertThat(dialled(true)).isNotEmpty().containsOnly(Endpoint.Kind.UDP);
    }

    @Test
    void ik_udpIsSilent_aStreamIsDialledWithTheSecondTry() {
        assertThat(dialled(false)).startsWith(Endpoint.Kind.UDP).contains(Endpoint.Kind.TCP);
    }

    @Test
    void ik_onLossyNetwork_oneSessionEachAndTrafficFlows() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            Pair pair = new Pair(seed, LOSSY);
            pair.a.callIk(pair.b, CALL_NANOS);
            assertThat(pair.world.runUntil(pair::areBothUp, CALL_NANOS)).isTrue();
            pair.assertTrafficFlows();
            pair.assertOneSessionEach();
            assertThat(pair.a.succeeded()).isEqualTo(1);
        });
    }

    @Test
    void xx_onLossyNetwork_oneSessionEachAndTrafficFlows() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            Pair pair = new Pair(seed, LOSSY);
            pair.a.callXx(pair.b, pair.b.id(), CALL_NANOS);
            assertThat(pair.world.runUntil(pair::areBothUp, CALL_NANOS)).isTrue();
            pair.assertTrafficFlows();
            pair.assertOneSessionEach();
            assertThat(pair.a.succeeded()).isEqualTo(1);
        });
    }

    /** Until then nothing proves that the first message was not sent from a false address. */
    @Test
    void earlyWord_comesWithTheAnswer_andIsShorterThanWhatAskedForIt() {
        Pair pair = new Pair(1, LinkModel.CLEAN);
        Control word = Control.newBuilder()
                .setRingStatus(RingStatus.newBuilder().setRing(ByteString.copyFrom(new byte[250])))
                .build();
        pair.b.setEarlyWord(word);
        long[] bytes = new long[2];
        pair.world.network().addTap((now, from, to, frame) -> {
            bytes[from.equals(pair.a.host().address()) ? 0 : 1] += pair.b.with(pair.a) == null ? frame.length : 0;
            return frame;
        });
        pair.a.callIk(pair.b, CALL_NANOS);
        assertThat(pair.world.runUntil(() -> !pair.a.statuses().isEmpty(), SECOND_NANOS))
                .isTrue();
        assertThat(pair.a.statuses()).containsExactly(word);
        assertThat(bytes[1]).isBetween(300L, bytes[0]);
        pair.world.runFor(SECOND_NANOS);
        pair.a.openWith(pair.b).renew();
        pair.world.runFor(SECOND_NANOS);
        assertThat(pair.a.count("session.rekeyed")).isEqualTo(1);
        assertThat(pair.a.statuses()).as("not said again for new keys").hasSize(1);
        pair.assertOneSessionEach();
    }

    @Test
    void earlyWord_tooLong_isNotSaid() {
        Pair pair = new Pair(1, LinkModel.CLEAN);
        pair.b.setEarlyWord(Control.newBuilder()
                .setRingStatus(RingStatus.newBuilder().setRing(ByteString.copyFrom(new byte[300])))
                .build());
        pair.a.callIk(pair.b, CALL_NANOS);
        pair.world.runFor(SECOND_NANOS);
        pair.assertOneSessionEach();
        assertThat(pair.a.statuses()).isEmpty();
    }

    @Test
    void crossing_onLossyNetwork_bothSealWithTheSameKeys() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            SplittableRandom random = new SplittableRandom(seed);
            Pair pair = new Pair(seed, LOSSY);
            if (random.nextBoolean()) {
                pair.a.callIk(pair.b, CALL_NANOS);
            } else {
                pair.a.callXx(pair.b, null, CALL_NANOS);
            }
            pair.world.runFor(random.nextLong(40 * MILLI_NANOS));
            if (random.nextBoolean()) {
                pair.b.callIk(pair.a, CALL_NANOS);
            } else {
                pair.b.callXx(pair.a, null, CALL_NANOS);
            }
            assertThat(pair.world.runUntil(pair::areBothUp, CALL_NANOS)).isTrue();
            pair.a.openWith(pair.b).setWanted(true);
            pair.b.openWith(pair.a).setWanted(true);
            pair.world.runFor(5 * SECOND_NANOS);
            // One session in thousands would be lost in the long run, as eight probes in a row can be.
            pair.world.network().setDefaultLink(LinkModel.CLEAN);
            pair.world.runFor(15 * SECOND_NANOS);
            pair.assertOneSessionEach();
            assertThat(pair.a.openWith(pair.b).handshakeHash())
                    .isEqualTo(pair.b.openWith(pair.a).handshakeHash());
            pair.assertTrafficFlows();
        });
    }

    @Test
    void ik_afterOneEndLostItsSession_bothSealWithTheSameKeys() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            for (int i = 0; i < 3; i++) {
                pair.a.callIk(pair.b, CALL_NANOS);
                pair.b.callIk(pair.a, CALL_NANOS);
                pair.world.runFor(SECOND_NANOS);
            }
            pair.world.network().isolate(List.of(pair.a.host()));
            pair.a.openWith(pair.b).close("lost");
            pair.world.runFor(100 * MILLI_NANOS);
            pair.world.network().healAll();
            assertThat(pair.b.with(pair.a)).isNotNull();
            if (seed % 2 == 0) {
                pair.a.callIk(pair.b, CALL_NANOS);
            } else {
                pair.a.callXx(pair.b, null, CALL_NANOS);
            }
            pair.world.runFor(SECOND_NANOS);
            pair.assertTrafficFlows();
            assertThat(pair.a.openWith(pair.b).handshakeHash())
                    .isEqualTo(pair.b.openWith(pair.a).handshakeHash());
        });
    }

    @Test
    void xx_whenAnotherIdIsPinned_fails() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            pair.a.callXx(pair.b, pair.a.id().plusFraction(1, 3), 2 * SECOND_NANOS);
            pair.world.runFor(5 * SECOND_NANOS);
            assertThat(pair.a.failures()).containsExactly("no answer");
            assertThat(pair.a.layer().sessions()).isEmpty();
            assertThat(pair.b.layer().sessions()).isEmpty();
            assertThat(pair.a.count("session.drop.handshake-identity")).isPositive();
        });
    }

    @Test
    void ik_withAnotherNodesKeys_getsSilence() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            List<byte[]> answers = new ArrayList<>();
            pair.world.network().addTap((now, from, to, frame) -> {
                if (from.equals(pair.b.host().address())) {
                    answers.add(frame);
                }
                return frame;
            });
            var stranger = Identity.generate(bytes -> new SplittableRandom(seed).nextBytes(bytes));
            pair.a.layer().initiate(stranger.publicIdentity(), null, pair.a.routes(pair.b), 2 * SECOND_NANOS, pair.a);
            pair.world.runFor(5 * SECOND_NANOS);
            assertThat(answers).isEmpty();
            assertThat(pair.a.failures()).hasSize(1);
            assertThat(pair.b.count("session.drop.handshake-mac")).isPositive();
        });
    }

    @Test
    void initiations_inAnyPattern_areNeverShorterThanTheAnswers() {
        Pair pair = new Pair(1, LinkModel.CLEAN);
        List<Integer> inits = new ArrayList<>();
        List<Integer> answers = new ArrayList<>();
        pair.world.network().addTap((now, from, to, frame) -> {
            int type = Frame.type(frame, 0, frame.length);
            if (type == Frame.TYPE_INIT) {
                inits.add(frame.length);
            } else if (type == Frame.TYPE_RESPONSE || type == Frame.TYPE_COOKIE) {
                answers.add(frame.length);
            }
            return frame;
        });
        pair.a.callIk(pair.b, CALL_NANOS);
        pair.a.callXx(pair.b, null, CALL_NANOS);
        pair.world.runFor(SECOND_NANOS);
        assertThat(inits).hasSize(2);
        assertThat(answers).hasSize(2);
        assertThat(answers).allMatch(bytes -> inits.stream().allMatch(init -> init >= bytes));
    }

    @Test
    void manyHandshakes_atOneMoment_areAnsweredAfterCookies() {
        SimWorld world = new SimWorld(3);
        Peer server = new Peer(world.network().addHost("server"), SessionConfig.DEFAULT);
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            Peer client = new Peer(world.network().addHost("c" + i), SessionConfig.DEFAULT);
            clients.add(client);
            if (i % 2 == 0) {
                client.callIk(server, CALL_NANOS);
            } else {
                client.callXx(server, null, CALL_NANOS);
            }
        }
        world.runFor(250 * MILLI_NANOS);
        assertThat(server.count("session.drop.handshake-no-cookie")).isGreaterThan(30);
        assertThat(server.layer().sessions()).hasSize(150);
        assertThat(clients).allMatch(client -> client.succeeded() == 1);
    }

    @Test
    void hostileFrames_replayedOrDamaged_onlyMoveDropCounters() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            SplittableRandom random = new SplittableRandom(seed);
            Endpoint attacker = pair.world.network().addHost("attacker").address();
            pair.world.network().addTap((now, from, to, frame) -> {
                long delay = random.nextLong(100 * MILLI_NANOS);
                pair.world.after(delay, () -> {
                    byte[] hostile = frame.clone();
                    if (random.nextInt(3) > 0) {
                        hostile[random.nextInt(hostile.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                    if (random.nextInt(8) == 0) {
                        hostile = Arrays.copyOf(hostile, random.nextInt(hostile.length));
                    }
                    pair.world.network().inject(random.nextBoolean() ? from : attacker, to, hostile);
                });
                return frame;
            });
            if (seed % 2 == 0) {
                pair.a.callIk(pair.b, CALL_NANOS);
            } else {
                pair.a.callXx(pair.b, null, CALL_NANOS);
            }
            assertThat(pair.world.runUntil(pair::areBothUp, CALL_NANOS)).isTrue();
            pair.a.openWith(pair.b).setWanted(true);
            // An answer that the attacker delivers first leads astray until probes have shown so.
            pair.world.runFor(2 * SECOND_NANOS);
            pair.assertTrafficFlows();
            pair.world.runFor(10 * SECOND_NANOS);
            pair.assertOneSessionEach();
            assertThat(pair.a.packets()).hasSize(50);
            assertThat(pair.b.packets()).hasSize(50);
            assertThat(pair.a.count("session.drop.replayed")).isPositive();
            assertThat(pair.a.count("session.drop.forged")).isPositive();
            assertThat(pair.a.openWith(pair.b).activePath().route().endpoint())
                    .isEqualTo(pair.b.host().address());
        });
    }

    /** The header of an answer is not sealed: nothing that matters may be read from it. */
    @Test
    void answer_withAnotherSenderIndexInItsHeader_stillMakesASession() {
        for (boolean isXx : new boolean[] {false, true}) {
            Pair pair = new Pair(92, LinkModel.CLEAN);
            pair.world.network().addTap((now, from, to, frame) -> {
                byte[] changed = frame.clone();
                if (Frame.type(frame, 0, frame.length) == Frame.TYPE_RESPONSE) {
                    changed[Frame.COUNTER_OFFSET] ^= 1;
                }
                return changed;
            });
            if (isXx) {
                pair.a.callXx(pair.b, null, CALL_NANOS);
            } else {
                pair.a.callIk(pair.b, CALL_NANOS);
            }
            pair.world.runFor(SECOND_NANOS);
            pair.assertTrafficFlows();
            pair.assertOneSessionEach();
        }
    }

    /** The third message proves that the second one arrived, not where it came from itself. */
    @Test
    void thirdMessage_sentFirstByAnAttacker_leavesThePathWithTheCaller() {
        Pair pair = new Pair(6, LinkModel.CLEAN);
        Endpoint attacker = pair.world.network().addHost("attacker").address();
        pair.world.network().addTap((now, from, to, frame) -> {
            if (Frame.type(frame, 0, frame.length) == Frame.TYPE_FINISH) {
                pair.world.network().inject(attacker, to, frame);
            }
            return frame;
        });
        pair.a.callXx(pair.b, null, CALL_NANOS);
        pair.world.runUntil(pair::areBothUp, CALL_NANOS);
        assertThat(pair.b.openWith(pair.a).activePath().route().endpoint())
                .isEqualTo(pair.a.host().address());
        pair.assertTrafficFlows();
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Nodes that change their address, and attackers who pretend that one did. */
class RoamingTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long CALL_NANOS = 10 * SECOND_NANOS;

    private static Endpoint address(int last) {
        return Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, new byte[] {12, 0, 0, (byte) last}, 5000 + last));
    }

    private static Endpoint address6(int last) {
        byte[] bytes = new byte[16];
        bytes[0] = 0x20;
        bytes[15] = (byte) last;
        return Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, bytes, 5000 + last));
    }

    private static final class Pair {
        final SimWorld world;
        final Peer a;
        final Peer b;

        Pair(long seed, LinkModel link) {
            this(seed, link, false);
        }

        Pair(long seed, LinkModel link, boolean bothFamilies) {
            world = new SimWorld(seed);
            SimNetwork network = world.network();
            network.setDefaultLink(link);
            SimHost one = bothFamilies ? network.addHost("a", address(3), address6(3)) : network.addHost("a");
            SimHost other = bothFamilies ? network.addHost("b", address(4), address6(4)) : network.addHost("b");
            a = new Peer(one, SessionConfig.DEFAULT);
            b = new Peer(other, SessionConfig.DEFAULT);
            a.callIk(b, CALL_NANOS);
            assertThat(world.runUntil(() -> a.with(b) != null && b.with(a) != null, CALL_NANOS))
                    .isTrue();
        }

        /** A session with a path per family. */
        static Pair withTwoPaths(long seed) {
            Pair pair = new Pair(seed, LinkModel.CLEAN, true);
            pair.world.runFor(SECOND_NANOS);
            pair.b.openWith(pair.a).sendCandidates(pair.b.host().addresses(), NatFacts.UNKNOWN);
            pair.world.runFor(SECOND_NANOS);
            assertThat(pair.a.openWith(pair.b).paths()).hasSize(2);
            return pair;
        }

        Endpoint activeAtB() {
            Path active = Objects.requireNonNull(b.openWith(a).activePath());
            return Objects.requireNonNull(active.route().endpoint());
        }
    }

    @Test
    void roaming_underTraffic_keepsSessionAndKeysAndMovesThePath() {
        LinkModel link = new LinkModel(
                10 * MILLI_NANOS, 15 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0.02, 0.02, 0.2, 40 * MILLI_NANOS, 1500);
        SimSeeds.forEach(Seeds.count(), seed -> {
            Pair pair = new Pair(seed, link);
            byte[] keys = pair.b.openWith(pair.a).handshakeHash();
            pair.a.stream(pair.b, 2 * MILLI_NANOS, 500);
            pair.b.stream(pair.a, 2 * MILLI_NANOS, 500);
            pair.world.runFor(300 * MILLI_NANOS);
            pair.a.host().roam(address(1));
            boolean moved = pair.world.runUntil(() -> pair.activeAtB().equals(address(1)), SECOND_NANOS);
            assertThat(moved).isTrue();
            pair.world.runFor(2 * SECOND_NANOS);
            assertThat(pair.activeAtB()).isEqualTo(address(1));
            assertThat(pair.b.openWith(pair.a).handshakeHash()).isEqualTo(keys);
            assertThat(pair.a.openWith(pair.b).handshakeHash()).isEqualTo(keys);
            assertThat(pair.b.downs()).isEmpty();
            // Lost: 2 % of the link, and what went to the old address for about two round trips, or 100,
            // 200 ms more for each challenge that is lost.
            assertThat(pair.a.packets().size()).isGreaterThan(250);
            assertThat(pair.b.packets().size()).isGreaterThan(460);
        });
    }

    @Test
    void roaming_thereAndBack_movesThePathEachTime() {
        SimSeeds.forEach(Seeds.count(2), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            Endpoint home = pair.a.host().address();
            pair.a.stream(pair.b, 5 * MILLI_NANOS, 1200);
            pair.b.stream(pair.a, 5 * MILLI_NANOS, 1200);
            for (Endpoint next : List.of(address(1), home, address(1), home)) {
                pair.a.host().roam(next);
                boolean moved = pair.world.runUntil(() -> pair.activeAtB().equals(next), 1_400 * MILLI_NANOS);
                assertThat(moved).as("to " + next).isTrue();
            }
            assertThat(pair.b.downs()).isEmpty();
        });
    }

    @Test
    void roaming_withoutTraffic_isNoticedByTheNextKeepalive() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            pair.a.openWith(pair.b).setWanted(true);
            pair.world.runFor(SECOND_NANOS);
            pair.a.host().roam(address(2));
            pair.world.runFor(7 * SECOND_NANOS);
            assertThat(pair.activeAtB()).isEqualTo(address(2));
        });
    }

    @Test
    void capturedFrame_sentFirstByAnAttacker_doesNotMoveThePath() {
        SimSeeds.forEach(Seeds.count(), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            SplittableRandom random = new SplittableRandom(seed);
            SimHost attacker = pair.world.network().addHost("attacker");
            Endpoint home = pair.a.host().address();
            List<byte[]> toAttacker = new ArrayList<>();
            long[] stolenBytes = {0};
            pair.world.network().addTap((now, from, to, frame) -> {
                if (to.equals(attacker.address())) {
                    toAttacker.add(frame);
                } else if (from.equals(home) && random.nextInt(4) == 0) {
                    stolenBytes[0] += frame.length;
                    pair.world.network().inject(attacker.address(), to, frame);
                }
                return frame;
            });
            pair.a.stream(pair.b, 10 * MILLI_NANOS, 100);
            pair.b.stream(pair.a, 10 * MILLI_NANOS, 100);
            pair.world.afterEachEvent(() -> assertThat(pair.activeAtB()).isEqualTo(home));
            pair.world.runFor(3 * SECOND_NANOS);
            long sentBytes =
                    toAttacker.stream().mapToLong(frame -> frame.length).sum();
            assertThat(sentBytes).isPositive();
            assertThat(sentBytes).isLessThanOrEqualTo(3 * stolenBytes[0]);
            assertThat(pair.a.packets()).hasSize(100);
            assertThat(pair.b.packets()).hasSize(100);
        });
    }

    @Test
    void unprovenAddress_afterOneSmallFrame_getsAtMostThreeTimesItsBytes() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            Pair pair = new Pair(seed, LinkModel.CLEAN);
            SimHost attacker = pair.world.network().addHost("attacker");
            List<byte[]> stolen = new ArrayList<>();
            long[] sentBytes = {0};
            pair.world.network().addTap((now, from, to, frame) -> {
                if (to.equals(attacker.address())) {
                    sentBytes[0] += frame.length;
                } else if (from.equals(pair.a.host().address()) && stolen.isEmpty()) {
                    stolen.add(frame);
                    return null;
                }
                return frame;
            });
            if (seed % 2 == 0) {
                pair.a.openWith(pair.b).probe();
            } else {
                pair.a.sendPacket(pair.b);
            }
            byte[] frame = stolen.get(0);
            assertThat(Frame.type(frame, 0, frame.length)).isEqualTo(Frame.TYPE_DATA);
            pair.world.network().inject(attacker.address(), pair.b.host().address(), frame);
            pair.world.runFor(5 * SECOND_NANOS);
            assertThat(sentBytes[0]).isPositive().isLessThanOrEqualTo(3L * frame.length);
        });
    }

    @Test
    void peerThatIsGone_isMissedOnAllPathsAtOnce() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            Pair pair = Pair.withTwoPaths(seed);
            pair.a.openWith(pair.b).setWanted(true);
            pair.b.host().crash();
            pair.world.runFor(13 * SECOND_NANOS);
            assertThat(pair.a.downs()).hasSize(1);
        });
    }

    @Test
    void deadPath_underTraffic_isLeftWithinASecond() {
        SimSeeds.forEach(Seeds.count(4), seed -> {
            Pair pair = Pair.withTwoPaths(seed);
            SimWorld world = pair.world;
            Session session = pair.a.openWith(pair.b);
            Endpoint dead = Objects.requireNonNull(session.activePath()).route().endpoint();
            world.network().addTap((now, from, to, frame) -> from.equals(dead) || to.equals(dead) ? null : frame);
            pair.a.stream(pair.b, 5 * MILLI_NANOS, 400);
            boolean left = world.runUntil(
                    () -> !Objects.equals(
                            Objects.requireNonNull(session.activePath()).route().endpoint(), dead),
                    SECOND_NANOS);
            assertThat(left).isTrue();
        });
    }

    /** A frame that arrives just after a probe left must not make a dead peer look half alive. */
    @Test
    void silentPeer_lastHeardJustAfterAProbe_isGivenUpWithin15Seconds() {
        for (long pause = 0; pause < 6 * SECOND_NANOS; pause += 100 * MILLI_NANOS) {
            Pair pair = new Pair(44, LinkModel.CLEAN);
            pair.a.openWith(pair.b).setWanted(true);
            pair.b.openWith(pair.a).setWanted(true);
            pair.world.runFor(pause);
            pair.a.openWith(pair.b).probe();
            pair.b.openWith(pair.a).probe();
            pair.world.runFor(15 * MILLI_NANOS);
            pair.b.host().crash();
            pair.world.runFor(15 * SECOND_NANOS);
            assertThat(pair.a.layer().sessions()).isEmpty();
        }
    }
}

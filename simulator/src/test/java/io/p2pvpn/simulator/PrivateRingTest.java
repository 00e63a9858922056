package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingAdmission;
import io.p2pvpn.overlay.ring.RingConfig;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Private rings over the sessions of the public one. */
class PrivateRingTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final byte[] RING_ID = Digests.sha256(ascii("a ring"));

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whoever knows the password is a member; IDs are salted. */
    private record Password(String password) implements RingAdmission {
        static OverlayId saltedId(PublicIdentity identity) {
            return OverlayId.ofHash(Digests.sha256(ascii("salt"), identity.encode()));
        }

        @Override
        public byte[] prove(byte[] handshakeHash) {
            return Digests.hmac(ascii(password), handshakeHash);
        }

        @Override
        public @Nullable OverlayId verify(PublicIdentity peer, byte[] handshakeHash, byte[] proof) {
            return Digests.constantTimeEquals(prove(handshakeHash), proof) ? saltedId(peer) : null;
        }

        @Override
        public boolean isAcquainted(PublicIdentity peer, byte[] handshakeHash, byte[] proof) {
            return verify(peer, handshakeHash, proof) != null;
        }

        @Override
        public byte[] note() {
            return ascii("note");
        }
    }

    private static Ring privateRing(Member member, String password) {
        OverlayId self = Password.saltedId(member.node().identity());
        return member.node().addRing(new RingConfig(RING_ID, self, new Password(password), 3));
    }

    private static Contact contactOf(Member member) {
        PublicIdentity identity = member.node().identity();
        return new Contact(
                Password.saltedId(identity), identity, List.of(member.host().address()));
    }

    @Test
    void privateRing_overSharedSessions_hasItsOwnOrderAndMembersOnly() {
        LinkModel lossy = LinkModel.INTERNET.withLoss(0.05);
        SimSeeds.forEach(Seeds.count(4), seed -> {
            RingWorld world = new RingWorld(seed, lossy);
            Member first = world.found();
            for (int i = 1; i < 9; i++) {
                world.join(first);
            }
            assertThat(world.runUntilRight(60 * SECOND_NANOS)).isPositive();
            Map<Member, Ring> rings = new LinkedHashMap<>();
            for (Member member : world.members().subList(2, 8)) {
                rings.put(member, privateRing(member, "right"));
            }
            Ring stranger = privateRing(world.members().get(8), "wrong");
            Member founder = world.members().get(2);
            Objects.requireNonNull(rings.get(founder)).found();
            rings.forEach((member, ring) -> {
                if (member != founder) {
                    ring.join(List.of(contactOf(founder)));
                }
            });
            stranger.join(List.of(contactOf(founder)));
            boolean right = world.world().runUntil(() -> isRight(rings), 60 * SECOND_NANOS, SECOND_NANOS / 20);
            assertThat(right).isTrue();
            world.world().runFor(60 * SECOND_NANOS);
            assertThat(isRight(rings)).isTrue();
            assertThat(world.wrong()).isNull();
            assertThat(stranger.isJoined()).isFalse();
            assertThat(stranger.peers()).isEmpty();
            rings.values()
                    .forEach(ring -> ring.peers()
                            .forEach(peer -> assertThat(peer.channel()).isEqualTo(3)));
            world.members()
                    .forEach(member ->
                            assertThat(member.node().sessions().sessions()).hasSizeLessThan(9));
        });
    }

    private static boolean isRight(Map<Member, Ring> rings) {
        List<OverlayId> ids =
                new ArrayList<>(rings.values().stream().map(Ring::self).sorted().toList());
        for (Ring ring : rings.values()) {
            int place = ids.indexOf(ring.self());
            List<OverlayId> ahead = new ArrayList<>();
            for (int k = 1; k <= 4; k++) {
                ahead.add(ids.get((place + k) % ids.size()));
            }
            List<OverlayId> actual =
                    ring.successors().stream().map(Contact::ringId).toList();
            if (!ring.isJoined() || !actual.equals(ahead)) {
                return false;
            }
        }
        return true;
    }

    @Test
    void meet_aFarMemberOfUnknownAddress_talksOverTheRingFirstAndThenDirectly() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            RingWorld world = new RingWorld(seed, LinkModel.CLEAN);
            Member first = world.found();
            for (int i = 1; i < 16; i++) {
                world.join(first);
            }
            assertThat(world.runUntilRight(60 * SECOND_NANOS)).isPositive();
            world.world().runFor(60 * SECOND_NANOS);
            Member far = null;
            for (Member member : world.members()) {
                if (first.node().sessions().session(member.id()) == null && member != first) {
                    far = member;
                }
            }
            Member target = Objects.requireNonNull(far);
            List<FrameRoute.Kind> kinds = new ArrayList<>();
            first.node()
                    .publicRing()
                    .meet(new Contact(target.id(), target.node().identity(), List.of()), Purpose.CHOTA);
            boolean direct = world.world()
                    .runUntil(
                            () -> {
                                Session session = first.node().sessions().session(target.id());
                                if (session != null && session.activePath() != null) {
                                    kinds.add(Objects.requireNonNull(session.activePath())
                                            .route()
                                            .kind());
                                }
                                return session != null && session.isDirect();
                            },
                            5 * SECOND_NANOS);
            assertThat(direct).isTrue();
            assertThat(kinds.get(0)).isEqualTo(FrameRoute.Kind.RING);
        });
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.RingMerge;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A member that abuses the calls which let separated rings find each other. */
class RingUnificationTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long GOSSIP_GAP_NANOS = 5 * SECOND_NANOS;

    private final RingWorld ring = RingWorld.joined(6, 1, LinkModel.INTERNET);
    private final Member attacker = ring.members().get(2);
    private final Member victim = ring.members().get(4);

    private CompletableFuture<byte[]> call(byte[] request) {
        Session session = attacker.node()
                .sessions()
                .session(victim.identity().publicIdentity().nodeId());
        assertThat(session).isNotNull();
        return attacker.node().calls().call(session, Ring.MERGE_METHOD, request);
    }

    /** For the public ring, whose name is empty. */
    private static RingMerge naming(Contact contact, int rounds) {
        return RingMerge.newBuilder()
                .setRounds(rounds)
                .setContact(Contacts.toProto(contact))
                .build();
    }

    private static long counted(Member member, String counter) {
        return member.node().runtime().counters().counter(counter).value();
    }

    @Test
    void floodOfInventedContacts_isActedOnOncePerGap() {
        int sessions = victim.node().sessions().sessions().size();
        long told = counted(victim, "ring.merge.told");
        long startNanos = ring.world().nanoTime();
        for (int i = 0; i < 200; i++) {
            Identity invented = Identity.generate(attacker.node().runtime().keys());
            Contact contact = new Contact(
                    invented.publicIdentity().nodeId(),
                    invented.publicIdentity(),
                    List.of(ring.members().get(0).host().address()));
            var unused = call(naming(contact, Integer.MAX_VALUE).toByteArray());
            ring.world().runFor(SECOND_NANOS / 10);
        }
        long gaps = (ring.world().nanoTime() - startNanos) / GOSSIP_GAP_NANOS;
        assertThat(counted(victim, "ring.merge.told") - told).isBetween(1L, gaps + 1);
        ring.world().runFor(60 * SECOND_NANOS);
        assertThat(ring.wrong()).isNull();
        assertThat(victim.node().sessions().sessions()).hasSizeLessThanOrEqualTo(sessions);
    }

    @Test
    void namesTheVictimItself_orAMemberThatItHas_changesNothing() {
        for (Member named : List.of(victim, attacker, ring.members().get(1))) {
            Contact contact = new Contact(
                    named.id(), named.identity().publicIdentity(), named.node().candidates());
            CompletableFuture<byte[]> answer = call(naming(contact, 10).toByteArray());
            ring.world().runFor(30 * SECOND_NANOS);
            assertThat(answer).isCompleted();
            assertThat(ring.wrong()).isNull();
        }
        for (Member member : ring.members()) {
            assertThat(counted(member, "ring.merge.separate")).isZero();
        }
    }

    @Test
    void damagedCalls_areRefusedAndCounted() {
        SplittableRandom random = new SplittableRandom(1);
        Contact contact = new Contact(
                attacker.id(),
                attacker.identity().publicIdentity(),
                attacker.node().candidates());
        byte[] sound = naming(contact, 3).toByteArray();
        List<CompletableFuture<byte[]>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] damaged = new byte[random.nextInt(sound.length)];
            System.arraycopy(sound, 0, damaged, 0, damaged.length);
            for (int k = 0; k < 4 && damaged.length > 0; k++) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
            }
            answers.add(call(damaged));
        }
        ring.world().runFor(30 * SECOND_NANOS);
        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(counted(victim, "call.drop.malformed")).isGreaterThan(50);
        assertThat(ring.wrong()).isNull();
    }
}

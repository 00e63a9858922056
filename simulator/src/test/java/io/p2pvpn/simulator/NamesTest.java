package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.names.NameAnswers;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.names.Reply;
import io.p2pvpn.vpn.names.ResourceRecord;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.namespace.Presence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Names and services of members, by whole nodes. */
class NamesTest {
    private static final LinkModel LOSSY = LinkModel.INTERNET.withLoss(0.03);
    private static final String DOMAIN = ".lab.p2pvpn.internal.";
    private static final ServiceType SSH = ServiceType.parse("ssh");

    @Test
    void names_ofAllMembers_areKnownToAllSoon() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            List<Node> members = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                members.add(world.add());
                world.start(members.get(i), VpnWorld.options("host" + i), bootstrap);
                world.runFor(1);
            }
            assertThat(world.runUntilOne(members, 120)).isNotNegative();
            world.runFor(5);
            for (Node asker : members) {
                for (int i = 0; i < members.size(); i++) {
                    int address = members.get(i).address();
                    assertThat(data(ask(world, asker, "HOST" + i + DOMAIN, ResourceRecord.A)))
                            .as("host " + i)
                            .isEqualTo(ByteBuffer.allocate(4).putInt(address).array());
                    assertThat(text(data(ask(world, asker, NameZone.reverseName(address), ResourceRecord.PTR))))
                            .isEqualTo("host" + i + DOMAIN);
                }
            }
            assertThat(ask(world, members.get(0), "nobody" + DOMAIN, ResourceRecord.A)
                            .code())
                    .isEqualTo(Reply.Code.NO_SUCH_NAME);
            world.runFor(60);
            assertThat(world.wrong(members)).isNull();
        });
    }

    @Test
    void names_ofOneThatComesOrLeaves_haveTheOthersLookAgain() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        List<Node> members = world.joinAll(3, bootstrap);
        world.runFor(10);
        List<Integer> before = members.stream().map(Node::nameChanges).toList();
        Node newcomer = world.add();
        world.start(newcomer, VpnWorld.options("newcomer"), bootstrap);
        world.runFor(20);
        for (int i = 0; i < members.size(); i++) {
            assertThat(members.get(i).nameChanges()).isEqualTo(before.get(i) + 1);
        }
        run(world, newcomer.daemon().leave(Objects.requireNonNull(newcomer.membership())));
        for (int i = 0; i < members.size(); i++) {
            assertThat(members.get(i).nameChanges()).isEqualTo(before.get(i) + 2);
        }
    }

    /** Whose name another has does not pass for it by the reverse way either. */
    @Test
    void name_ofTwoMembers_isThatOfTheFirst() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node first = world.add();
        world.start(first, VpnWorld.options("same"), bootstrap);
        world.runUntilOne(List.of(first), 60);
        world.runFor(10);
        Node second = world.add();
        world.start(second, VpnWorld.options("same"), bootstrap);
        world.runUntilOne(List.of(first, second), 60);
        world.runFor(10);

        assertThat(second.notices()).anyMatch(line -> line.contains("the name same is taken in lab"));
        for (Node asker : List.of(first, second)) {
            assertThat(data(ask(world, asker, "same" + DOMAIN, ResourceRecord.A)))
                    .isEqualTo(ByteBuffer.allocate(4).putInt(first.address()).array());
            assertThat(ask(world, asker, NameZone.reverseName(second.address()), ResourceRecord.PTR)
                            .code())
                    .isEqualTo(Reply.Code.NO_SUCH_NAME);
        }
    }

    @Test
    void service_published_isFoundUntilItIsTakenBackOrItsMemberLeaves() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            List<Node> members = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                members.add(world.add());
                world.start(members.get(i), VpnWorld.options("host" + i), bootstrap);
            }
            assertThat(world.runUntilOne(members, 120)).isNotNegative();
            world.runFor(5);
            run(world, presence(members.get(0)).publish(SSH, 22));
            run(world, presence(members.get(1)).publish(SSH, 2222));
            assertThat(instances(world, members.get(3))).containsExactly("host0 22", "host1 2222");

            // Kept over a restart, in which the member's records may have been lost by those who had them.
            members.get(0).crash();
            world.runFor(20);
            world.start(members.get(0), VpnWorld.options("host0"), bootstrap);
            assertThat(world.runUntilOne(members, 120)).isNotNegative();
            world.runFor(10);
            assertThat(instances(world, members.get(2))).containsExactly("host0 22", "host1 2222");

            run(world, presence(members.get(1)).withdraw(SSH));
            assertThat(instances(world, members.get(2))).containsExactly("host0 22");
            run(
                    world,
                    members.get(0)
                            .daemon()
                            .leave(Objects.requireNonNull(members.get(0).membership())));
            world.runFor(5);
            assertThat(instances(world, members.get(2))).isEmpty();
            assertThat(members.get(0).host().files().keySet()).noneMatch(name -> name.startsWith("services/"));
        });
    }

    @Test
    void service_moreThanAMemberMayOffer_isRefused() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        Node member = world.add();
        world.start(member, VpnWorld.options("host"), bootstrap);
        world.runUntilOne(List.of(member), 60);
        for (int i = 0; i < 32; i++) {
            run(world, presence(member).publish(ServiceType.parse("s" + i), 1 + i));
        }
        CompletableFuture<?> more = presence(member).publish(SSH, 22);
        assertThat(more).isCompletedExceptionally();
        run(world, presence(member).publish(ServiceType.parse("s0"), 99));
        assertThat(presence(member).ownServices()).hasSize(32);
    }

    private static Presence presence(Node member) {
        return Objects.requireNonNull(
                Objects.requireNonNull(member.membership()).presence());
    }

    private static List<String> instances(VpnWorld world, Node asker) {
        return run(world, presence(asker).findServices(SSH)).stream()
                .map(each -> each.hostName() + " " + each.port())
                .toList();
    }

    private static Reply ask(VpnWorld world, Node asker, String name, int type) {
        NameAnswers answers = Objects.requireNonNull(asker.answers());
        return run(world, answers.answer(name, type));
    }

    private static <T> T run(VpnWorld world, CompletableFuture<T> future) {
        for (int i = 0; i < 200 && !future.isDone(); i++) {
            world.world().runFor(VpnWorld.SECOND_NANOS / 10);
        }
        return future.getNow(null);
    }

    private static byte[] data(Reply reply) {
        assertThat(reply.answers()).as(String.valueOf(reply)).hasSize(1);
        return reply.answers().get(0).data().toByteArray();
    }

    /** A name as on the wire, as text. */
    private static String text(byte[] wire) {
        StringBuilder name = new StringBuilder();
        for (int at = 0; wire[at] != 0; at += 1 + wire[at]) {
            name.append(new String(wire, at + 1, wire[at], StandardCharsets.US_ASCII))
                    .append('.');
        }
        return name.toString();
    }
}

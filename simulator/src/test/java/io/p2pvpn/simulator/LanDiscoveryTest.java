package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.LanPort;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes on one link that know of no way into the network, or of one that does not work. */
class LanDiscoveryTest {
    private static final long JOIN_SECONDS_MAX = 30;

    private final VpnWorld world = new VpnWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
    private final SimNat home = world.world().network().addNat(NatBehaviour.PORT_RESTRICTED);

    private List<Node> atHome(int count) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(world.add(home.addHost("h" + i)));
        }
        return nodes;
    }

    private static int ringSize(Node node) {
        Ring ring = node.daemon().node().publicRing();
        return ring.isJoined() ? 1 + ring.successors().size() : 0;
    }

    @Test
    void threeWithoutABootstrapNode_becomeOneRingAndOneNamespace() {
        List<Node> nodes = atHome(3);
        nodes.forEach(node -> world.start(node, VpnWorld.options(node.host().name())));
        double seconds = world.runUntilOne(nodes, JOIN_SECONDS_MAX);
        assertThat(seconds).as(() -> world.wrong(nodes)).isNotNegative();
        System.out.printf("three on a link: one namespace after %.1f s%n", seconds);
        long founded =
                nodes.stream().mapToLong(node -> node.counter("lan.founded")).sum();
        assertThat(founded).isEqualTo(1);
    }

    @Test
    void namedNodeThatDoesNotAnswer_isMadeUpForByTheLink() {
        Node away = world.add();
        List<Node> nodes = atHome(2);
        nodes.forEach(node -> world.start(node, VpnWorld.options(node.host().name()), away));
        double seconds = world.runUntilOne(nodes, JOIN_SECONDS_MAX);
        assertThat(seconds).as(() -> world.wrong(nodes)).isNotNegative();
    }

    /** The named node comes up later, and with it a ring of its own: those on the link find it all the same. */
    @Test
    void ringOfALink_meetsTheRestOnceANamedNodeAnswers() {
        Node late = world.add();
        List<Node> nodes = atHome(3);
        nodes.forEach(node -> world.start(node, VpnWorld.options(node.host().name()), late));
        assertThat(world.runUntilOne(nodes, JOIN_SECONDS_MAX)).isNotNegative();
        world.start(late, null);
        world.runFor(150);
        assertThat(ringSize(late)).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void twoRingsThatMeetOnALink_uniteAndOneCallEachSuffices(int companions) {
        Node first = world.bootstrap();
        Node second = world.bootstrap();
        List<Node> all = new ArrayList<>(List.of(first, second));
        for (int i = 0; i < companions; i++) {
            all.add(world.bootstrap(first));
            all.add(world.bootstrap(second));
        }
        world.runFor(20);
        assertThat(ringSize(first)).isEqualTo(1 + companions);
        List<Node> home = atHome(2);
        world.start(home.get(0), null, first);
        world.start(home.get(1), null, second);
        all.addAll(home);
        world.runFor(60);
        int[] expected = {Math.min(4, all.size() - 1) + 1};
        assertThat(all).allSatisfy(node -> assertThat(ringSize(node)).isEqualTo(expected[0]));
        assertThat(home)
                .allSatisfy(node -> assertThat(node.counter("lan.called")).isLessThanOrEqualTo(2));
    }

    @Test
    void floodsAndDamage_areCountedAndDoNothing() {
        List<Node> nodes = atHome(2);
        nodes.forEach(node -> world.start(node, null));
        world.runFor(30);
        assertThat(ringSize(nodes.get(0))).isEqualTo(2);
        SimRuntime stranger = home.addHost("stranger").start();
        List<Endpoint> heard = new ArrayList<>();
        LanPort port = stranger.transport().openLan(List::of, (from, message) -> heard.add(from));
        assertThat(port).isNotNull();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1000; i++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            port.sendToAll(noise);
        }
        world.runFor(2);
        Node victim = nodes.get(0);
        assertThat(victim.counter("lan.drop.malformed")).isPositive();
        assertThat(victim.counter("lan.drop.malformed") + victim.counter("lan.drop.rate"))
                .isEqualTo(1000);
        assertThat(heard)
                .allMatch(
                        from -> from.address().equals(stranger.host().address().address()));

        long sessions = victim.daemon().node().sessions().sessions().size();
        long sent = world.world().network().counters().counter("sim.sent").value();
        Endpoint own = Endpoint.of(Endpoint.Kind.UDP, stranger.host().address().address(), 9);
        for (int i = 0; i < 600; i++) {
            byte[] there = LanMessages.inRing(random.nextLong(), own.port());
            port.sendToAll(there);
            world.world().runFor(VpnWorld.SECOND_NANOS / 10);
        }
        long calls = victim.counter("lan.called");
        assertThat(calls).isLessThanOrEqualTo(62);
        assertThat(victim.daemon().node().sessions().sessions()).hasSize((int) sessions);
        System.out.printf(
                "600 forged messages in 60 s: %d calls, %d datagrams of all nodes%n",
                calls, world.world().network().counters().counter("sim.sent").value() - sent);
    }

    /** As a stranger writes them. */
    private static final class LanMessages {
        static byte[] inRing(long instance, int port) {
            return java.nio.ByteBuffer.allocate(20)
                    .put(new byte[] {'p', '2', 'p', 'v', 1, 1, 0, 0})
                    .putLong(instance)
                    .putShort((short) port)
                    .putShort((short) 0)
                    .array();
        }
    }
}

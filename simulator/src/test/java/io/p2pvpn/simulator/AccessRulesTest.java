package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Access rules on whole nodes, on one thread and with queues beside it. */
class AccessRulesTest {
    /** Longer than a flow of the device's packets is remembered. */
    private static final long FLOW_SECONDS = 200;

    private final VpnWorld world = new VpnWorld(1, LinkModel.INTERNET.withLoss(0));

    private Node join(int queues, Node bootstrap) {
        Node node = world.add();
        node.host().setQueues(queues);
        world.start(node, VpnWorld.options(node.host().name()), bootstrap);
        return node;
    }

    private void restart(Node alice, Node bob, Node bootstrap) {
        world.start(alice, VpnWorld.options(alice.host().name()), bootstrap);
        assertThat(world.runUntilOne(List.of(alice, bob), 60)).isNotNegative();
        world.runFor(5);
    }

    private static String denying(Node node) {
        return "default allow\ndeny * -> " + node.host().name();
    }

    /** Some packets, by all queues: whether all of them, or none, arrive. */
    private boolean reaches(Node from, Node to) {
        int arrived = 0;
        for (int i = 0; i < 4; i++) {
            arrived += world.ping(from, to, 3) >= 0 ? 1 : 0;
        }
        assertThat(arrived).isIn(0, 4);
        return arrived > 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void rules_holdAtTheReceiver_untilTheyChange(int queues) {
        Node bootstrap = world.bootstrap();
        world.runFor(3);
        Node alice = join(queues, bootstrap);
        Node bob = join(queues, bootstrap);
        assertThat(world.runUntilOne(List.of(alice, bob), 60)).isNotNegative();
        assertThat(reaches(alice, bob)).isTrue();
        assertThat(reaches(bob, alice)).isTrue();
        world.runFor(5);

        world.setRules(alice, denying(bob));
        assertThat(reaches(alice, bob)).isFalse();
        world.runFor(5);
        assertThat(bob.counter("data.drop.rule")).isEqualTo(4);
        // What bob begins is answered.
        assertThat(reaches(bob, alice)).isTrue();
        assertThat(reaches(alice, bob)).isTrue();
        world.runFor(FLOW_SECONDS);
        assertThat(reaches(alice, bob)).isFalse();

        world.setRules(
                alice,
                "default deny\nallow " + alice.host().name() + " -> "
                        + bob.host().name());
        assertThat(reaches(alice, bob)).isTrue();
        world.setRules(alice, "default deny\nallow " + bob.host().name() + " -> *");
        assertThat(reaches(alice, bob)).isFalse();
        world.setRules(alice, "default allow");
        assertThat(reaches(alice, bob)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void rules_holdForSessionsThatBeginLater_andFlowsOutliveSessions(int queues) {
        Node bootstrap = world.bootstrap();
        world.runFor(3);
        Node alice = join(queues, bootstrap);
        Node bob = join(queues, bootstrap);
        assertThat(world.runUntilOne(List.of(alice, bob), 60)).isNotNegative();
        world.setRules(alice, denying(bob));
        assertThat(reaches(bob, alice)).isTrue();

        restart(alice, bob, bootstrap);
        assertThat(reaches(alice, bob)).isTrue();

        world.runFor(FLOW_SECONDS);
        restart(alice, bob, bootstrap);
        assertThat(reaches(alice, bob)).isFalse();
        assertThat(reaches(bob, alice)).isTrue();
    }
}

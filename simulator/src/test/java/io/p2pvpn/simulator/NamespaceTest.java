package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Namespaces from founding to merging, by whole nodes. */
class NamespaceTest {
    private static final LinkModel LOSSY = LinkModel.INTERNET.withLoss(0.03);

    @Test
    void founding_severalAtOnce_endsWithOneNamespaceAndAllInIt() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            SplittableRandom dice = new SplittableRandom(seed);
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            if (dice.nextBoolean()) {
                world.bootstrap(bootstrap);
                world.bootstrap(bootstrap);
            }
            world.runFor(3);
            int count = 2 + dice.nextInt(5);
            List<Node> members = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Node node = world.add();
                members.add(node);
                long delayNanos = dice.nextBoolean() ? 0 : dice.nextLong(3 * VpnWorld.SECOND_NANOS);
                world.world().after(delayNanos, () -> world.start(node, VpnWorld.options("m"), bootstrap));
            }
            double seconds = world.runUntilOne(members, 120);
            assertThat(seconds).as(() -> count + ": " + world.wrong(members)).isNotNegative();
            world.runFor(120);
            assertThat(world.wrong(members)).isNull();
        });
    }

    @Test
    void allDown_andBackWithoutBootstrap_haveTheirAddressesAgain() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            SplittableRandom dice = new SplittableRandom(seed);
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            List<Node> members = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                members.add(world.join(bootstrap));
            }
            assertThat(world.runUntilOne(members, 120)).isNotNegative();
            world.runFor(60);
            List<Integer> addresses = members.stream().map(Node::address).toList();
            world.nodes().forEach(Node::crash);
            world.runFor(20);
            for (Node member : members) {
                long delayNanos = dice.nextLong(10 * VpnWorld.SECOND_NANOS);
                world.world().after(delayNanos, () -> world.start(member, VpnWorld.options("m"), bootstrap));
            }
            world.runFor(10);
            double seconds = world.runUntilOne(members, 300);
            assertThat(seconds).as(() -> world.wrong(members)).isNotNegative();
            assertThat(members.stream().map(Node::address)).isEqualTo(addresses);
        });
    }
}

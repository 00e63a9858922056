package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A state directory is copied, and both hosts run; and what must not be taken for that. */
class CopiedIdentityTest {
    private static final LinkModel LOSSY = LinkModel.INTERNET.withLoss(0.01);

    @Test
    void copy_started_isToldAndTheFirstIsNotDisturbed() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET.withLoss(0));
            Node bootstrap = world.bootstrap();
            List<Node> members = world.joinAll(4, bootstrap);
            world.runFor(20);
            Node first = members.get((int) (seed % members.size()));
            Node other = members.get((int) ((seed + 1) % members.size()));
            int address = first.address();
            Node copy = world.addCopy(first);
            world.start(copy, VpnWorld.options("copy"), bootstrap);
            for (int i = 0; i < 100; i++) {
                assertThat(world.ping(first, other, 1)).as("ping %s out", i).isNotNegative();
                assertThat(world.ping(other, first, 1)).as("ping %s in", i).isNotNegative();
                world.world().runFor(100_000_000L);
            }
            assertThat(copy.isMember()).isFalse();
            assertThat(copy.failures()).hasSize(1);
            assertThat(copy.failures().get(0)).hasMessageContaining("another host runs as this node");
            assertThat(first.notices().stream().filter(line -> line.contains("copy of this node's state directory")))
                    .hasSize(1);
            assertThat(first.address()).isEqualTo(address);
            assertThat(first.failures()).isEmpty();
            assertThat(world.wrong(members)).isNull();
        });
    }

    /** The original sleeps, as notebooks do: then the copy is as good as it. Awake again, it is the second. */
    @Test
    void copy_whileTheFirstIsAway_takesItsPlace() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            List<Node> members = world.joinAll(4, bootstrap);
            world.runFor(20);
            Node first = members.remove(0);
            first.crash();
            Node copy = world.addCopy(first);
            members.add(copy);
            world.start(copy, VpnWorld.options("copy"), bootstrap);
            double seconds = world.runUntilOne(members, 60);
            assertThat(seconds).as(() -> world.wrong(members)).isNotNegative();
            assertThat(copy.failures()).isEmpty();
        });
    }

    /** What a process sent before it was killed may still be on its way when the next one begins. */
    @Test
    void restart_atOnceAfterACrash_isNoCopy() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            Node bootstrap = world.bootstrap();
            List<Node> members = world.joinAll(5, bootstrap);
            world.runFor(20);
            Node first = members.get(0);
            Node other = members.get(1);
            int address = first.address();
            for (int i = 0; i < 5; i++) {
                // Under way when the process ends.
                first.tun().send(other.address(), -1 - i);
                world.start(first, VpnWorld.options("m"), bootstrap);
                boolean back = world.world().runUntil(() -> first.isMember(), 10 * VpnWorld.SECOND_NANOS);
                assertThat(back).as("restart %s", i).isTrue();
                assertThat(first.address()).isEqualTo(address);
                // One of a hundred packets is lost anyway.
                boolean answers = false;
                for (int tries = 0; tries < 3 && !answers; tries++) {
                    answers = world.ping(other, first, 1) >= 0;
                }
                assertThat(answers).as("ping after restart %s", i).isTrue();
                world.runFor(5 + i);
            }
            assertThat(first.failures()).isEmpty();
            assertThat(first.notices()).noneMatch(line -> line.contains("copy"));
            assertThat(world.runUntilOne(members, 60)).isNotNegative();
        });
    }
}

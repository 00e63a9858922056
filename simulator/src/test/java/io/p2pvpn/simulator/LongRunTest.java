package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * A namespace over a long time, each member restarted once a day: nothing grows, and no address changes hands.
 *
 * <p>{@code -Dp2pvpn.days=24 -Dp2pvpn.days.nodes=50 -Dp2pvpn.days.minutes=1440} is the long one; as it stands days are
 * short. Longer than some minutes it wants {@code -Dtest.methodTimeout=12h -Dtest.moduleTimeoutSeconds=43200} besides.
 */
final class LongRunTest {
    private static final int DAYS = Integer.getInteger("p2pvpn.days", 5);
    private static final int NODES = Integer.getInteger("p2pvpn.days.nodes", 6);
    private static final long DAY_SECONDS = 60L * Integer.getInteger("p2pvpn.days.minutes", 20);
    /** Records of the first day have run out by then, and so has what was on its way when it ended. */
    private static final int SETTLED_DAY = 2;

    private static final double GROWTH_MAX = 1.25;
    private static final int GROWTH_EVENTS = 200;
    private static final long RESTART_SECONDS = 30;

    /** What there is at the end of a day. */
    private record Census(int timers, int sessions, int files) {}

    @Test
    void members_restartedEveryDay_nothingGrowsAndNoAddressChangesHands() {
        SplittableRandom dice = new SplittableRandom(SimSeeds.seedOr(1));
        VpnWorld world = new VpnWorld(SimSeeds.seedOr(1), LinkModel.INTERNET);
        Node bootstrap = world.bootstrap();
        List<Node> members = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            members.add(world.join(bootstrap));
            world.runFor(2);
        }
        assertThat(world.runUntilOne(members, 300))
                .as(() -> world.wrong(members))
                .isNotNegative();
        List<Integer> addresses = members.stream().map(Node::address).toList();
        List<Census> days = new ArrayList<>();
        for (int day = 1; day <= DAYS; day++) {
            for (Node member : members) {
                long at = dice.nextLong(DAY_SECONDS - 10 * RESTART_SECONDS) * VpnWorld.SECOND_NANOS;
                world.world().after(at, () -> restart(world, member, bootstrap, dice.nextBoolean()));
            }
            world.runFor(DAY_SECONDS);
            assertThat(world.runUntilOne(members, 300))
                    .as(() -> world.wrong(members))
                    .isNotNegative();
            assertThat(members.stream().map(Node::address)).as("day %s", day).isEqualTo(addresses);
            days.add(census(world, members));
            System.out.printf(
                    "day %d: %s, %,d events%n",
                    day, days.get(day - 1), world.world().events());
        }
        Census early = days.get(SETTLED_DAY - 1);
        Census last = days.get(DAYS - 1);
        assertThat(last.timers()).isLessThanOrEqualTo((int) (GROWTH_MAX * early.timers()) + GROWTH_EVENTS);
        assertThat(last.sessions()).isLessThanOrEqualTo((int) (GROWTH_MAX * early.sessions()) + NODES);
        assertThat(last.files()).isEqualTo(early.files());
        assertThat(members).allSatisfy(member -> assertThat(member.failures()).isEmpty());
        assertThat(members)
                .allSatisfy(member -> assertThat(member.notices()).noneMatch(line -> line.contains("older right")));
    }

    /** In good order, or as by kill -9. */
    private static void restart(VpnWorld world, Node member, Node bootstrap, boolean inOrder) {
        if (inOrder) {
            var unused = member.daemon().stop(false);
        } else {
            member.crash();
        }
        world.world()
                .after(
                        RESTART_SECONDS * VpnWorld.SECOND_NANOS,
                        () -> world.start(member, VpnWorld.options(member.host().name()), bootstrap));
    }

    private static Census census(VpnWorld world, List<Node> members) {
        int sessions = 0;
        int files = 0;
        for (Node member : members) {
            sessions += member.daemon().node().sessions().sessions().size();
            files += member.host().files().size();
        }
        return new Census(world.world().pendingEvents(), sessions, files);
    }
}

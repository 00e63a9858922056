package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hosts whose wall clocks are wrong. */
class ClockOffTest {
    private static final long YEAR_MILLIS = 365L * 24 * 3_600_000;

    @Test
    void newcomer_clockYearsOff_isToldAndFoundsNothing() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node bootstrap = world.bootstrap();
            Node founder = world.join(bootstrap);
            assertThat(world.runUntilOne(List.of(founder), 60)).isNotNegative();
            for (long skew : new long[] {-3 * YEAR_MILLIS, 2 * YEAR_MILLIS}) {
                Node late = world.add();
                late.host().setWallClockSkewMillis(skew);
                world.start(late, VpnWorld.options("late"), bootstrap);
                world.runFor(5);
                assertThat(late.isMember()).isFalse();
                assertThat(late.failures()).hasSize(1);
                assertThat(late.failures().get(0))
                        .hasMessageContaining(skew < 0 ? "days behind" : "days ahead")
                        .hasMessageContaining("set it right");
                assertThat(late.host().files().keySet()).noneMatch(name -> name.startsWith("namespaces/"));
                late.crash();
            }
            assertThat(founder.failures()).isEmpty();
        });
    }

    @Test
    void newcomer_clockMinutesOff_joins() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node bootstrap = world.bootstrap();
            Node founder = world.join(bootstrap);
            assertThat(world.runUntilOne(List.of(founder), 60)).isNotNegative();
            Node late = world.add();
            late.host().setWallClockSkewMillis(-4 * 60_000);
            world.start(late, VpnWorld.options("late"), bootstrap);
            assertThat(world.runUntilOne(List.of(founder, late), 60)).isNotNegative();
        });
    }
}

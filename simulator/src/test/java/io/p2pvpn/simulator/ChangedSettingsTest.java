package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node is told while it runs. */
class ChangedSettingsTest {
    @Test
    void otherBootstraps_thanThoseThatAreSilent_leadIn() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node bootstrap = world.bootstrap();
            Node silent = world.add();
            Node member = world.join(bootstrap);
            Node lost = world.join(silent);
            world.runFor(30);
            assertThat(world.runUntilOne(List.of(member, lost), 30)).isNegative();
            lost.daemon().change(VpnWorld.targets(bootstrap), RelayLimits.DEFAULT);
            assertThat(world.runUntilOne(List.of(member, lost), 60)).isNotNegative();
        });
    }

    @Test
    void otherBootstraps_ofAnotherRing_uniteBoth() {
        SimSeeds.forEach(Seeds.count(20), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            Node first = world.bootstrap();
            Node second = world.bootstrap();
            Node member = world.join(first);
            Node other = world.join(second);
            world.runFor(60);
            assertThat(other.daemon().node().publicRing().peers()).hasSize(1);
            other.daemon().change(VpnWorld.targets(first), RelayLimits.DEFAULT);
            assertThat(world.runUntilOne(List.of(member, other), 300)).isNotNegative();
        });
    }
}

package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.namespace.Addresses;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What whoever runs a node is told of paths and leases. */
class NodeEventsTest {
    @Test
    void path_thatChanges_isToldAsItIs() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = world.joinAll(14, world.bootstrap());
        world.runFor(30);
        Node from = members.get(0);
        for (Node to : members.subList(1, 14)) {
            assertThat(world.ping(from, to, 20)).isNotNegative();
        }
        world.runFor(10);
        assertThat(from.pathsTold()).isNotEmpty();
        from.pathsTold().forEach((nodeId, told) -> {
            Session session = from.daemon().node().sessions().sessions().stream()
                    .filter(each -> each.nodeId().toString().equals(nodeId))
                    .findFirst()
                    .orElseThrow();
            String now =
                    Objects.requireNonNull(session.activePath()).route().kind().name();
            assertThat(told).isEqualTo(now.toLowerCase(Locale.ROOT));
        });
    }

    @Test
    void lease_takenAndGivenUp_isTold() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = world.joinAll(3, world.bootstrap());
        Node member = members.get(1);
        String address = Addresses.text4(member.address());
        assertThat(member.leasesTold()).containsExactly(address);
        world.done(member.daemon().leave(Objects.requireNonNull(member.membership())));
        assertThat(member.leasesTold()).containsExactly(address, "none");
    }
}

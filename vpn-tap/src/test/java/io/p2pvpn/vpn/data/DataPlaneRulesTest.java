package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Packets;
import io.p2pvpn.vpn.packet.Packets.Flow;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.Gates;
import io.p2pvpn.vpn.rules.MemberGate;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.FakeTun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two hosts, one of which has access rules. */
final class DataPlaneRulesTest {
    private static final int OWN = 0x0a010001;
    private static final int PEER = 0x0a010002;
    private static final long ULA = 0xfd00_0000_0000_0000L;
    private static final int SYN = 2;
    private static final int ACK = 0x10;

    /** A host's device and data plane, and its route to the other. */
    private static final class Host {
        final FakeRuntime runtime = new FakeRuntime();
        final FakeTunnel tunnel = new FakeTunnel();
        final FakeTun device = new FakeTun(true);
        final MemberGate gate = Gates.open();
        final MemberRoute route;
        final DataPlane plane;
        final List<Integer> unresolved = new ArrayList<>();

        Host(int own, int peer) {
            route = new MemberRoute(tunnel, peer, ULA, gate);
            ForwardingTable table = new ForwardingTable();
            table.put(route);
            VirtualNetwork network = new VirtualNetwork(own, Cidr.of4(own, 16), ULA, 1400);
            plane = new DataPlane(
                    runtime,
                    device,
                    network,
                    table,
                    (destination, buffer, length) -> unresolved.add(destination),
                    new FakeMisdirected(),
                    GroupHandler.NONE);
        }

        void sends(byte[] packet, int gsoType) {
            device.queue(Packets.withVnet(packet, true, gsoType, gsoType == 0 ? 0 : 1000));
            plane.onReadable();
        }

        int received() {
            return device.takeWritten().size();
        }
    }

    private final Host own = new Host(OWN, PEER);
    private final Host peer = new Host(PEER, OWN);
    private final Flow fromPeer = Packets.flow(false, true, 2, 1, 50_000, new byte[0]);
    private final Flow fromUs = Packets.flow(false, true, 1, 2, 50_000, new byte[0]);

    DataPlaneRulesTest() {
        own.tunnel.peer = peer.plane;
        own.tunnel.peersRouteToUs = peer.route;
        peer.tunnel.peer = own.plane;
        peer.tunnel.peersRouteToUs = own.route;
    }

    private void rules(String text) {
        own.gate.setRules(RuleSet.parse(text), new Party("own", Role.MEMBER));
    }

    @Test
    void refusedPackets_areCountedAndAnsweredByNothing() {
        rules("default deny");
        peer.sends(Packets.partial(fromPeer, 1, 0, SYN, new byte[0]), VnetHeader.GSO_NONE);
        peer.sends(Packets.partial(fromPeer, 1, 0, ACK, new byte[5000]), VnetHeader.GSO_TCPV4);

        assertThat(own.received()).isZero();
        assertThat(own.runtime.count("data.drop.rule")).isEqualTo(6);
        assertThat(own.runtime.count("data.received.packets")).isZero();
        assertThat(own.tunnel.sends).isEmpty();
        assertThat(peer.received()).isZero();
    }

    @Test
    void refusedPacket_onAQueue_isDoneWith() {
        rules("default deny");
        byte[] syn = Packets.partial(fromPeer, 1, 0, SYN, new byte[0]);
        assertThat(own.plane.offer(own.route, DataPlane.KIND_PARTIAL, syn, 0, syn.length, 0))
                .isTrue();
        assertThat(own.plane.offer(own.route, 9, syn, 0, syn.length, 0)).isFalse();
        own.plane.onBatchEnd();
        assertThat(own.received()).isZero();
        assertThat(own.runtime.count("data.drop.rule")).isEqualTo(1);
    }

    @Test
    void allowedSuperPacket_arrivesWhole_untilTheRulesChange() {
        rules("default deny\nallow peer -> own : tcp/443");
        byte[] data = Packets.partial(fromPeer, 1, 0, ACK, new byte[5000]);
        peer.sends(data, VnetHeader.GSO_TCPV4);
        assertThat(own.received()).isEqualTo(1);
        rules("default deny\nallow peer -> own : tcp/80");
        peer.sends(data, VnetHeader.GSO_TCPV4);
        assertThat(own.received()).isZero();
        assertThat(own.runtime.count("data.drop.rule")).isEqualTo(5);
    }

    @Test
    void whatOurHostBegins_isAnswered_alsoBySuperPackets() {
        rules("default deny");
        byte[] answer = Packets.partial(fromPeer, 1, 0, ACK, new byte[5000]);
        // The answer comes from port 443 to 50000.
        swapPorts(answer);
        peer.sends(answer.clone(), VnetHeader.GSO_TCPV4);
        assertThat(own.received()).isZero();
        own.sends(Packets.partial(fromUs, 1, 0, SYN, new byte[0]), VnetHeader.GSO_NONE);
        peer.sends(answer.clone(), VnetHeader.GSO_TCPV4);
        assertThat(own.received()).isEqualTo(1);
    }

    @Test
    void superPacketOfOurs_isNotedOnce_byItsOwnPorts() {
        rules("default deny");
        own.sends(Packets.partial(fromUs, 1, 0, ACK, new byte[5000]), VnetHeader.GSO_TCPV4);
        byte[] answer = Packets.partial(fromPeer, 1, 0, ACK, new byte[0]);
        swapPorts(answer);
        peer.sends(answer, VnetHeader.GSO_NONE);
        assertThat(own.received()).isEqualTo(1);
    }

    @Test
    void packetThatDidNotLeave_beginsNothing() {
        rules("default deny");
        own.tunnel.open = false;
        own.sends(Packets.partial(fromUs, 1, 0, SYN, new byte[0]), VnetHeader.GSO_NONE);
        assertThat(own.unresolved).containsExactly(PEER);
        byte[] answer = Packets.partial(fromPeer, 1, 0, ACK, new byte[0]);
        swapPorts(answer);
        peer.sends(answer, VnetHeader.GSO_NONE);
        assertThat(own.received()).isZero();
    }

    private static void swapPorts(byte[] packet) {
        byte[] source = Packets.slice(packet, 20, 2);
        System.arraycopy(packet, 22, packet, 20, 2);
        System.arraycopy(source, 0, packet, 22, 2);
    }
}

package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.p2pvpn.vpn.packet.Packets;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.Gates;
import io.p2pvpn.vpn.rules.MemberGate;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.FakeTun;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The hot path makes no garbage of its own. */
final class DataPlaneAllocationTest {
    private static final int SENDER = 0x0a010001;
    private static final int RECEIVER = 0x0a010002;
    private static final double BYTES_PER_PACKET_MAX = 8;
    private static final int TURNS = 2000;

    private static final String RULES = "default deny\nallow peer -> own : tcp/443,udp/443";

    private final FakeRuntime runtime = new FakeRuntime();
    private final FakeTun sender = new FakeTun(true);
    private final FakeTun receiver = new FakeTun(true);
    private final FakeTunnel tunnel = new FakeTunnel();
    private final DataPlane sending = dataPlane(sender, SENDER, RECEIVER, Gates.with(RULES));
    private final DataPlane receiving = dataPlane(receiver, RECEIVER, SENDER, Gates.open());

    private DataPlane dataPlane(FakeTun device, int own, int peer, MemberGate gate) {
        ForwardingTable table = new ForwardingTable();
        table.put(new MemberRoute(tunnel, peer, 0, gate));
        VirtualNetwork network = new VirtualNetwork(own, Cidr.of4(own, 16), 0, 1400);
        UnresolvedHandler unresolved = (destination, packet, length) -> {
            throw new AssertionError("known to both");
        };
        return new DataPlane(runtime, device, network, table, unresolved, new FakeMisdirected(), GroupHandler.NONE);
    }

    @Test
    void deviceToDevice_afterWarmUp_noGarbagePerPacket() {
        measure(Gates.open());
    }

    @Test
    void deviceToDevice_flowsThatRulesLetIn_noGarbagePerPacket() {
        measure(Gates.with(RULES));
    }

    private void measure(MemberGate gate) {
        tunnel.keeping = false;
        tunnel.peer = receiving;
        tunnel.peersRouteToUs = new MemberRoute(tunnel, SENDER, 0, gate);
        receiver.setKeeping(false);
        byte[] tcp = Packets.partial(Packets.flow(false, true, 1, 2, 1, new byte[12]), 1, 1, 0x18, new byte[60_000]);
        // ECT(0), and congestion is experienced.
        tcp[1] = 2;
        tunnel.marks = 1;
        byte[] udp = Packets.partial(Packets.flow(false, false, 1, 2, 2, new byte[0]), 1, 1, 0, new byte[64]);
        byte[][] packets = {
            Packets.withVnet(tcp, true, VnetHeader.GSO_TCPV4, 1348),
            Packets.withVnet(udp, true, VnetHeader.GSO_NONE, 0),
            Packets.withVnet(Packets.completed(udp), false, VnetHeader.GSO_NONE, 0)
        };
        turns(packets);
        long packetsBefore = runtime.count("data.received.packets");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long bytesBefore = threads.getThreadAllocatedBytes(thread);
        turns(packets);
        double bytes = threads.getThreadAllocatedBytes(thread) - bytesBefore;
        long moved = runtime.count("data.received.packets") - packetsBefore;

        assertThat(moved).isEqualTo(TURNS * 8L * (45 + 1 + 1));
        System.out.println("allocated bytes per packet: " + bytes / moved);
        assertThat(bytes / moved).isLessThan(BYTES_PER_PACKET_MAX);
    }

    private void turns(byte[][] packets) {
        for (int turn = 0; turn < TURNS; turn++) {
            for (int i = 0; i < 8; i++) {
                for (byte[] packet : packets) {
                    sender.queue(packet);
                }
            }
            sending.onReadable();
        }
    }
}

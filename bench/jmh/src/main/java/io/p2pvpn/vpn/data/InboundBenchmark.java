package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.FramePort;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.rules.FlowTable;
import io.p2pvpn.vpn.rules.MemberGate;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunDevice;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A packet from a member, opened, on its way to the device. */
@State(Scope.Thread)
public class InboundBenchmark {
    private static final int OWN = 0x0a01_0001;
    private static final int PEER = 0x0a01_0002;
    private static final int SEGMENTS = 45;
    private static final int PACKET_BYTES = 1400;

    /** Access rules: none; some that let the flow in; some that would not, and our host began it. */
    @Param({"none", "allowed", "ours"})
    String rules = "none";

    private final CountingDevice device = new CountingDevice();
    private final MemberGate gate =
            new MemberGate(OverlayId.ZERO, () -> new Party("peer", Role.MEMBER), new FlowTable());
    private final MemberRoute route = new MemberRoute(new NoTunnel(), PEER, 0, gate);
    private final byte[] run = new byte[SEGMENTS * PACKET_BYTES];
    private final DataPlane plane = plane();

    private DataPlane plane() {
        Clock clock = new Clock() {
            @Override
            public long nanoTime() {
                return 0;
            }

            @Override
            public long epochMillis() {
                return 0;
            }
        };
        FramePort port = new FramePort() {
            @Override
            public void setReceiver(Transport.Receiver receiver) {
                // Nothing is received.
            }

            @Override
            public boolean send(
                    Endpoint to, byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
                return false;
            }

            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public void flush() {
                // Nothing is sent.
            }
        };
        ForwardingTable table = new ForwardingTable();
        table.put(route);
        return new DataPlane(
                clock,
                new Counters(),
                port,
                device,
                new VirtualNetwork(OWN, Cidr.of4(OWN, 16), 0, PACKET_BYTES),
                table,
                (destination, buffer, length) -> {},
                MisdirectedHandler.NONE,
                GroupHandler.NONE);
    }

    /** The segments of a super-packet. */
    @Setup
    public void prepare() {
        for (int i = 0; i < SEGMENTS; i++) {
            writeTcp(i * PACKET_BYTES, PEER, OWN, 0x1389_138a, i * (PACKET_BYTES - 40));
        }
        if (!rules.equals("none")) {
            String text = rules.equals("ours") ? "default deny" : "default deny\nallow peer -> own : tcp/5002";
            gate.setRules(RuleSet.parse(text), new Party("own", Role.MEMBER));
        }
        byte[] first = new byte[10 + PACKET_BYTES];
        byte[] received = run.clone();
        writeTcp(0, OWN, PEER, 0x138a_1389, 1);
        System.arraycopy(run, 0, first, 10, PACKET_BYTES);
        System.arraycopy(received, 0, run, 0, run.length);
        plane.inject(first);
        if (received() != 1) {
            throw new IllegalStateException("not let in");
        }
    }

    private void writeTcp(int at, int from, int to, int ports, int sequence) {
        ByteBuffer ip = ByteBuffer.wrap(run, at, 40).slice();
        ip.putShort((short) 0x4500).putShort((short) PACKET_BYTES).putInt(0x0001_4000);
        ip.put((byte) 64).put((byte) IpPacket.PROTOCOL_TCP).putShort((short) 0);
        ip.putInt(from).putInt(to);
        ip.putInt(ports).putInt(sequence).putInt(1).putShort((short) 0x5010).putShort((short) 501);
        Checksum.writeIpv4Header(run, at, 20);
    }

    /** Per packet: checked, merged with its neighbours, and written to a device that does nothing. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public int received() {
        int before = device.written;
        for (int at = 0; at < run.length; at += PACKET_BYTES) {
            plane.offer(route, DataPlane.KIND_PARTIAL, run, at, PACKET_BYTES, 0);
        }
        plane.onBatchEnd();
        return device.written - before;
    }

    private static final class CountingDevice implements TunDevice {
        private int written;

        @Override
        public String name() {
            return "none";
        }

        @Override
        public boolean hasOffloads() {
            return true;
        }

        @Override
        public boolean hasUdpSegmentation() {
            return true;
        }

        @Override
        public void setListener(Listener listener) {
            // Nothing happens to it.
        }

        @Override
        public int read(byte[] buffer) {
            return 0;
        }

        @Override
        public boolean write(byte[] buffer, int offset, int length) {
            written++;
            return true;
        }

        @Override
        public void resumeReading() {
            // Nothing waits.
        }

        @Override
        public void pauseReading() {
            // Nothing waits.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}

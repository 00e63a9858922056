package io.p2pvpn.vpn.rules;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.trust.Role;
import java.nio.ByteBuffer;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What access rules cost for one packet. */
@State(Scope.Thread)
public class RulesBenchmark {
    private static final int PACKET_BYTES = 1400;
    private static final int FIRST_PORT = 10_000;

    /** Of the rules, all of which are about the pair; the packet matches the last one. */
    @Param({"1", "256"})
    int rules;

    /** That are let in, and whose packets come in turn. */
    @Param({"1", "10000"})
    int flows;

    private final MemberGate gate =
            new MemberGate(OverlayId.ZERO, () -> new Party("peer", Role.MEMBER), new FlowTable());
    private final FlowFilter filter = new FlowFilter();
    private final IpPacket packet = new IpPacket();
    private final byte[] bytes = new byte[PACKET_BYTES];
    private final ByteBuffer ports = ByteBuffer.wrap(bytes, 20, 4);
    private MemberRules between = new MemberRules(List.of(), new Decision(true, 0, ""));
    private int next;

    /** Lets the flows in. */
    @Setup
    public void prepare() {
        StringBuilder text = new StringBuilder("default deny\n");
        for (int i = rules; i > 0; i--) {
            text.append("allow peer -> own : tcp/").append(5000 + i).append('\n');
        }
        RuleSet set = RuleSet.parse(text.toString());
        Party own = new Party("own", Role.MEMBER);
        between = set.between(new Party("peer", Role.MEMBER), own);
        gate.setRules(set, own);
        ByteBuffer ip = ByteBuffer.wrap(bytes);
        ip.putShort((short) 0x4500).putShort((short) PACKET_BYTES).putInt(0x0001_4000);
        ip.put((byte) 64).put((byte) IpPacket.PROTOCOL_TCP).putShort((short) 0);
        ip.putInt(0x0a01_0002).putInt(0x0a01_0001).putInt(5001).putLong(1);
        ip.putShort((short) 0x5010).putShort((short) 501);
        Checksum.writeIpv4Header(bytes, 0, 20);
        if (!packet.parse(bytes, 0, PACKET_BYTES)) {
            throw new IllegalStateException("no packet");
        }
        for (int i = 0; i < flows; i++) {
            if (!established()) {
                throw new IllegalStateException("not let in");
            }
        }
    }

    /** Judging the first packet of a flow. */
    @Benchmark
    public Decision decide() {
        return between.decide(IpPacket.PROTOCOL_TCP, 5001);
    }

    /** A further packet of a flow that is let in. */
    @Benchmark
    public boolean established() {
        next = next + 1 == flows ? 0 : next + 1;
        ports.putShort(20, (short) (FIRST_PORT + next));
        return filter.admits(gate, bytes, packet);
    }

    /** A packet that no rule lets in. */
    @Benchmark
    public boolean refused() {
        bytes[23]++;
        boolean admitted = filter.admits(gate, bytes, packet);
        bytes[23]--;
        return admitted;
    }
}

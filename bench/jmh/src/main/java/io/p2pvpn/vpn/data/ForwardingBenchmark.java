package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.rules.FlowTable;
import io.p2pvpn.vpn.rules.MemberGate;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.trust.Role;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Finding the member that has an address. */
@State(Scope.Thread)
public class ForwardingBenchmark {
    private static final int NETWORK = 0x0a01_0000;

    @Param({"1", "50", "200", "65536"})
    int members;

    private final MemberGate gate =
            new MemberGate(OverlayId.ZERO, () -> new Party("peer", Role.MEMBER), new FlowTable());
    private final ForwardingTable table = new ForwardingTable();
    private int next;

    /** Fills the table. */
    @Setup
    public void prepare() {
        for (int i = 0; i < members; i++) {
            table.put(new MemberRoute(new NoTunnel(), NETWORK + i, 0, gate));
        }
    }

    /** Each time another member. */
    @Benchmark
    public @Nullable MemberRoute lookUp() {
        next = next + 1 == members ? 0 : next + 1;
        return table.get(NETWORK + next);
    }
}

package io.p2pvpn.vpn.data;

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

    private final ForwardingTable table = new ForwardingTable();
    private int next;

    /** Fills the table. */
    @Setup
    public void prepare() {
        for (int i = 0; i < members; i++) {
            table.put(new MemberRoute(new NoTunnel(), NETWORK + i, 0));
        }
    }

    /** Each time another member. */
    @Benchmark
    public @Nullable MemberRoute lookUp() {
        next = next + 1 == members ? 0 : next + 1;
        return table.get(NETWORK + next);
    }

    private static final class NoTunnel implements PeerTunnel {
        @Override
        public int channel() {
            return 1;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public int packetBytes() {
            return 0;
        }

        @Override
        public boolean isPacketBytesKnown() {
            return false;
        }

        @Override
        public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
            return -1;
        }

        @Override
        public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
            return false;
        }
    }
}

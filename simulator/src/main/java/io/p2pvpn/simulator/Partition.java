package io.p2pvpn.simulator;

import java.util.BitSet;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A cut between sets of hosts, from {@link SimNetwork#partition} until {@link SimNetwork#heal}. */
public final class Partition {
    private final BitSet senders;
    private final @Nullable BitSet receivers;
    private final boolean isTwoWay;

    Partition(Collection<SimHost> senders, @Nullable Collection<SimHost> receivers, boolean isTwoWay) {
        this.senders = bits(senders);
        this.receivers = receivers == null ? null : bits(receivers);
        this.isTwoWay = isTwoWay;
    }

    boolean blocks(int from, int to) {
        return crosses(from, to) || (isTwoWay && crosses(to, from));
    }

    private boolean crosses(int from, int to) {
        return senders.get(from) && (receivers == null ? !senders.get(to) : receivers.get(to));
    }

    private static BitSet bits(Collection<SimHost> hosts) {
        BitSet bits = new BitSet();
        for (SimHost host : hosts) {
            bits.set(host.id());
        }
        return bits;
    }
}

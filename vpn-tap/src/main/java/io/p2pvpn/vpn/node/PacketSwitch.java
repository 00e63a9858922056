package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.node.PacketReceiver;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.namespace.Membership;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives each packet to the namespace whose channel it came on. Confined to the node's loop. */
final class PacketSwitch implements PacketReceiver {
    private final Counters counters;
    private final @Nullable Membership[] byChannel;
    private final Map<String, Membership> memberships;

    /**
     * Between these, as they change.
     *
     * @param byChannel shared with its owner
     * @param memberships shared with its owner
     */
    PacketSwitch(Counters counters, @Nullable Membership[] byChannel, Map<String, Membership> memberships) {
        this.counters = counters;
        this.byChannel = byChannel;
        this.memberships = memberships;
    }

    @Override
    public void onPacket(Session from, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
        Membership membership = byChannel[channel];
        if (membership == null) {
            counters.counter("data.drop.channel").increment();
        } else {
            membership.onPacket(from, kind, buffer, offset, length, trafficClass);
        }
    }

    @Override
    public void onBatchEnd() {
        for (Membership membership : memberships.values()) {
            membership.onBatchEnd();
        }
    }

    @Override
    public void onWritable() {
        for (Membership membership : memberships.values()) {
            membership.onWritable();
        }
    }
}

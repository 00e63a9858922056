package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.Membership;
import java.util.Map;
import java.util.TreeMap;

/** Tells of addresses that this node takes and loses. Confined to the node's loop. */
final class LeaseEvents {
    private final VpnNodeListener listener;
    private final Map<String, Integer> told = new TreeMap<>();

    LeaseEvents(VpnNodeListener listener) {
        this.listener = listener;
    }

    /** Something about a membership has changed. */
    void onChange(Membership membership) {
        tell(membership.options().name(), membership.ipv4());
    }

    /** It is over. */
    void onEnd(Membership membership) {
        tell(membership.options().name(), 0);
    }

    private void tell(String namespace, int ipv4) {
        Integer before = told.put(namespace, ipv4);
        if (ipv4 != (before == null ? 0 : before)) {
            listener.onLease(namespace, ipv4 == 0 ? null : Addresses.text4(ipv4));
        }
    }
}

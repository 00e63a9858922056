package io.p2pvpn.vpn.node;

import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import io.p2pvpn.vpn.ethernet.EthernetPort;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.Presence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people should know of the Ethernets of TAP devices. */
final class EthernetWatch {
    private EthernetWatch() {}

    static @Nullable EthernetPort port(Membership membership) {
        Presence presence = membership.presence();
        return presence == null ? null : presence.tapSide().port();
    }

    static List<Health> health(List<Membership> memberships) {
        List<Health> health = new ArrayList<>();
        for (Membership membership : memberships) {
            EthernetPort port = port(membership);
            String trouble = port == null ? null : port.trouble();
            if (port != null && trouble != null) {
                Severity severity = port.isQuiet() ? Severity.ERROR : Severity.WARNING;
                health.add(new Health(port.isQuiet() ? "ethernet-loop" : "other-dhcp-server", severity, trouble));
            }
        }
        return health;
    }
}

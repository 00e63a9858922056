package io.p2pvpn.vpn.node;

import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.vpn.control.LogControl;
import io.p2pvpn.vpn.control.LogLevel;
import io.p2pvpn.vpn.control.ProgramVersion;
import io.p2pvpn.vpn.namespace.Membership;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What this node says of itself to members that ask (docs/protocol.md, section 6.13). In the public ring that is no
 * name: who is in which namespace is nobody's business there. Confined to the node's loop.
 */
final class OwnFacts implements NodeFacts {
    private static final double NANOS_PER_SECOND = 1e9;

    private final NodeDaemon daemon;
    private @Nullable LogControl log;

    OwnFacts(NodeDaemon daemon) {
        this.daemon = daemon;
    }

    /** What the program around the node logs with. */
    void setLog(LogControl newLog) {
        log = newLog;
    }

    @Override
    public String name(TaskRing ring) {
        for (Membership membership : daemon.memberships()) {
            if (ring.service().equals(membership.ring())) {
                return membership.options().hostName();
            }
        }
        return "";
    }

    @Override
    public @Nullable String word(TaskRing ring, String fact) {
        return switch (fact) {
            case "version" -> ProgramVersion.text();
            case "nat" ->
                daemon.node().nat().mapping().name().toLowerCase(Locale.ROOT).replace('_', '-');
            case "log-level" -> {
                LogLevel level = log == null ? null : log.apply(null);
                yield level == null ? null : level.word();
            }
            default -> null;
        };
    }

    @Override
    public double number(TaskRing ring, String fact) {
        return fact.equals("uptime-seconds") ? daemon.uptimeNanos() / NANOS_PER_SECOND : Double.NaN;
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.control.StatusReport.EndpointStatus;
import io.p2pvpn.vpn.control.StatusReport.EthernetStatus;
import io.p2pvpn.vpn.control.StatusReport.GuestStatus;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A status for a person. */
final class StatusText {
    private StatusText() {}

    static String of(StatusReport status) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "node",
                Words.id(status.overlayId()),
                status.state().word(),
                "up " + Words.span(status.uptimeSeconds()),
                "p2pvpn " + status.version());
        line(text, "ring", "about " + status.ring().size() + " nodes", ring(status.ring()));
        line(
                text,
                "nat",
                "mapping " + status.nat().mapping(),
                "filtering " + status.nat().filtering(),
                status.nat().udp() ? "" : "UDP is blocked");
        for (EndpointStatus endpoint : status.endpoints()) {
            text.append("at    ")
                    .append(endpoint.uri())
                    .append("  ")
                    .append(endpoint.kind())
                    .append('\n');
        }
        if (!status.namespaces().isEmpty()) {
            text.append('\n').append(namespaces(status.namespaces()));
            status.namespaces().forEach(each -> guests(text, each));
        }
        for (Health health : status.health()) {
            text.append('\n').append(health.severity().word()).append(": ").append(health.text());
        }
        return text.append(status.health().isEmpty() ? "" : "\n").toString();
    }

    private static void guests(StringBuilder text, NamespaceStatus namespace) {
        EthernetStatus ethernet = namespace.ethernet();
        if (ethernet == null) {
            return;
        }
        text.append('\n')
                .append(namespace.name())
                .append(": Ethernet ")
                .append(ethernet.bridge() == null ? "of this host alone" : "of the bridge " + ethernet.bridge())
                .append(ethernet.quiet() ? ", quiet" : "")
                .append(", machines behind it: ")
                .append(ethernet.guests().size())
                .append('\n');
        for (GuestStatus guest : ethernet.guests()) {
            text.append("  ").append(guest.ip()).append("  ").append(guest.mac());
            text.append(guest.name().isEmpty() ? "" : "  " + guest.name()).append('\n');
        }
    }

    private static void line(StringBuilder text, String title, String... parts) {
        String line = String.format(Locale.ROOT, "%-6s%s", title, String.join("  ", parts));
        text.append(line.stripTrailing()).append('\n');
    }

    private static String ring(StatusReport.RingStatus ring) {
        return "next " + ids(ring.successors()) + "; previous " + ids(ring.predecessors());
    }

    private static String ids(List<String> ids) {
        return ids.isEmpty() ? "-" : ids.stream().map(Words::id).collect(Collectors.joining(" "));
    }

    private static Table namespaces(List<NamespaceStatus> namespaces) {
        Table table = new Table("", "NAMESPACE", "STATE", "ADDRESSES", "DEVICE", "MTU", "ROLE", "MEMBERS");
        for (NamespaceStatus each : namespaces) {
            table.row(
                    each.name(),
                    each.state().word(),
                    Words.orDash(String.join(" ", each.virtualIps())),
                    Words.orDash(each.device()),
                    String.valueOf(each.mtu()),
                    each.role(),
                    "about " + each.ring().size());
        }
        return table;
    }
}

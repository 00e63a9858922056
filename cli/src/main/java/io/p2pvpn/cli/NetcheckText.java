package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.NetcheckReport;
import io.p2pvpn.vpn.control.NetcheckReport.Family;
import io.p2pvpn.vpn.control.NetcheckReport.Peer;
import io.p2pvpn.vpn.control.NetcheckReport.Punching;
import io.p2pvpn.vpn.control.NetcheckReport.Relay;
import io.p2pvpn.vpn.control.StatusReport.EndpointStatus;
import java.util.Locale;
import java.util.stream.Collectors;

/** The facts of {@code netcheck} for a person. */
final class NetcheckText {
    private NetcheckText() {}

    static String of(NetcheckReport report) {
        StringBuilder text = new StringBuilder();
        line(text, "UDP", udp(report.udp()));
        line(text, "mapping", report.nat().mapping());
        line(text, "filtering", report.nat().filtering());
        line(text, "keeps ports", yesNo(report.preservesPorts() != null, Boolean.TRUE.equals(report.preservesPorts())));
        line(text, "hairpin", yesNo(report.hairpinTested(), report.nat().hairpin()));
        line(text, "port mapping", report.nat().portMapping());
        line(text, "IPv4", family(report.ipv4()));
        line(text, "IPv6", family(report.ipv6()));
        for (EndpointStatus endpoint : report.endpoints()) {
            line(text, "at", endpoint.uri() + "  " + endpoint.kind());
        }
        line(text, "punching", punching(report.punching()));
        String relays = report.relays().stream().map(NetcheckText::relay).collect(Collectors.joining(", "));
        line(text, "relays", relays.isEmpty() ? "none in use" : relays);
        if (!report.peers().isEmpty()) {
            text.append('\n').append(peers(report));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String title, String value) {
        text.append(String.format(Locale.ROOT, "%-13s%s%n", title, value));
    }

    private static String udp(String word) {
        return switch (word) {
            case "blocked" -> "is blocked: peers are reached over TCP or through relays";
            case "unknown" -> "unknown: nobody has answered yet";
            default -> word;
        };
    }

    private static String yesNo(boolean known, boolean value) {
        if (!known) {
            return "unknown";
        }
        return value ? "yes" : "no";
    }

    private static String family(Family family) {
        String addresses = family.addresses().isEmpty() ? "no global address" : String.join(" ", family.addresses());
        return addresses + (family.proven() ? "; peers are reached over it" : "; no peer is reached over it");
    }

    private static String punching(Punching punching) {
        if (punching.packetsPerSecond() == 0) {
            return "off";
        }
        return String.format(
                Locale.ROOT,
                "at most %d packets/s, %d sockets and %d probes for a peer; sent %d packets in %d attempts of ours"
                        + " (%d found a way, %d did not) and %d of peers",
                punching.packetsPerSecond(),
                punching.sockets(),
                punching.probes(),
                punching.packetsSent(),
                punching.begun(),
                punching.found(),
                punching.failed(),
                punching.asked());
    }

    private static String relay(Relay relay) {
        return Words.id(relay.overlayId()) + " (for " + relay.peers() + (relay.peers() == 1 ? " peer)" : " peers)");
    }

    private static Table peers(NetcheckReport report) {
        Table table = new Table("", "ID", "FOR", "PATH", "RTT", "WHY");
        for (Peer peer : report.peers()) {
            table.row(
                    Words.id(peer.overlayId()),
                    Words.orDash(String.join(",", peer.purposes())),
                    Words.orDash(peer.remote() == null ? peer.kind() : peer.remote()),
                    Words.millis(peer.rttMillis()),
                    Words.orDash(peer.reason()));
        }
        return table;
    }
}

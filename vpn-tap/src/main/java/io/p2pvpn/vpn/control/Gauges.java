package io.p2pvpn.vpn.control;

import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The gauges of a node, read off its reports. Labels are path kinds, states, severities and the namespaces of this
 * node, never peers: a hundred namespaces of any size make some hundred series.
 */
final class Gauges {
    /** A peer without any path yet is counted as one of these. */
    static final String NO_PATH = "none";

    private static final List<String> KINDS = List.of("udp", "tcp", "tls", "relay", "ring", NO_PATH);
    private static final String NAMESPACE = "namespace";
    private static final String PATH = "path";
    /** What the namespace label of the public ring says. */
    private static final String PUBLIC = "";

    private static final double MILLIS_PER_SECOND = 1000;

    private final List<Gauge> gauges = new ArrayList<>();

    private Gauges() {}

    /** All of them. */
    static List<Gauge> of(StatusReport status, PeersReport peers) {
        Gauges made = new Gauges();
        made.node(status);
        made.ring(PUBLIC, status.ring().size());
        status.namespaces().forEach(made::namespace);
        made.peers(status, peers);
        made.paths(peers);
        return List.copyOf(made.gauges);
    }

    private void node(StatusReport status) {
        add("build.info", "", "Always 1; the label says which version runs.", Map.of("version", status.version()), 1);
        add("uptime", "seconds", "Time since the daemon started.", Map.of(), (double) status.uptimeSeconds());
        for (NodeState state : NodeState.values()) {
            add(
                    "node.state",
                    "",
                    "1 for the state that the node is in, 0 for the others.",
                    Map.of("state", state.word()),
                    status.state() == state ? 1 : 0);
        }
        for (Severity severity : Severity.values()) {
            long notes = status.health().stream()
                    .filter(each -> each.severity() == severity)
                    .count();
            add(
                    "health.notes",
                    "",
                    "What a person should know or mend; p2pvpn status says it in words.",
                    Map.of("severity", severity.word()),
                    (double) notes);
        }
        add(
                "nat.udp.passes",
                "",
                "0 if this network lets no UDP out, else 1.",
                Map.of(),
                status.nat().udp() ? 1 : 0);
    }

    private void namespace(NamespaceStatus each) {
        Map<String, String> labels = Map.of(NAMESPACE, each.name());
        ring(each.name(), each.ring().size());
        add(
                "namespace.joined",
                "",
                "1 while the node is a member, 0 while it founds, joins, waits or is out.",
                labels,
                each.state() == NamespaceState.JOINED ? 1 : 0);
        String expires = each.expires();
        if (expires != null) {
            add(
                    "certificate.expiry.timestamp",
                    "seconds",
                    "When the node's certificate ends, in Unix time.",
                    labels,
                    (double) Instant.parse(expires).getEpochSecond());
        }
    }

    private void ring(String namespace, int size) {
        add(
                "ring.size",
                "",
                "Estimated members of the ring, this node included; the empty namespace is the public ring.",
                Map.of(NAMESPACE, namespace),
                size);
    }

    /** Every pair is there from the start: a series that appears with its first peer cannot be alerted on. */
    private void peers(StatusReport status, PeersReport peers) {
        Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
        counts.put(PUBLIC, new TreeMap<>());
        status.namespaces().forEach(each -> counts.put(each.name(), new TreeMap<>()));
        for (Peer peer : peers.peers()) {
            counts.computeIfAbsent(peer.namespace() == null ? PUBLIC : peer.namespace(), name -> new TreeMap<>())
                    .merge(kind(peer), 1, Integer::sum);
        }
        counts.forEach((namespace, kinds) -> {
            for (String kind : KINDS) {
                add(
                        "peers",
                        "",
                        "Peers by the kind of path that carries their traffic.",
                        Map.of(NAMESPACE, namespace, PATH, kind),
                        kinds.getOrDefault(kind, 0));
            }
        });
    }

    private void paths(PeersReport peers) {
        Map<String, List<Double>> trips = new TreeMap<>();
        Map<String, Double> losses = new TreeMap<>();
        for (Peer peer : peers.peers()) {
            PathStatus path = active(peer);
            if (path != null && path.rttMillis() != null) {
                trips.computeIfAbsent(path.kind(), kind -> new ArrayList<>()).add(path.rttMillis());
            }
            if (path != null && path.lossRatio() != null) {
                losses.merge(path.kind(), path.lossRatio(), Math::max);
            }
        }
        trips.forEach((kind, millis) -> {
            Collections.sort(millis);
            Map<String, String> labels = Map.of(PATH, kind);
            double median = millis.get(millis.size() / 2) / MILLIS_PER_SECOND;
            double worst = millis.get(millis.size() - 1) / MILLIS_PER_SECOND;
            add("path.rtt.median", "seconds", "Median round trip over active paths of a kind.", labels, median);
            add("path.rtt.worst", "seconds", "Longest round trip over active paths of a kind.", labels, worst);
        });
        losses.forEach((kind, loss) -> add(
                "path.loss.worst",
                "ratio",
                "Highest loss on active paths of a kind, 0 to 1.",
                Map.of(PATH, kind),
                loss));
    }

    private static String kind(Peer peer) {
        PathStatus path = active(peer);
        return path == null ? NO_PATH : path.kind();
    }

    private static @Nullable PathStatus active(Peer peer) {
        for (PathStatus path : peer.paths()) {
            if (path.active()) {
                return path;
            }
        }
        return null;
    }

    private void add(String name, String unit, String description, Map<String, String> labels, double value) {
        gauges.add(new Gauge(name, unit, description, labels, value));
    }
}

package io.p2pvpn.vpn.node;

import io.p2pvpn.nat.NatTraversal;
import io.p2pvpn.nat.behaviour.NatLearner;
import io.p2pvpn.nat.behaviour.PortSequence;
import io.p2pvpn.nat.portmap.PortMapper;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.nat.NatFacts.Passage;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.NetcheckReport;
import io.p2pvpn.vpn.control.NetcheckReport.Family;
import io.p2pvpn.vpn.control.NetcheckReport.Peer;
import io.p2pvpn.vpn.control.NetcheckReport.Punching;
import io.p2pvpn.vpn.control.NetcheckReport.Relay;
import io.p2pvpn.vpn.control.PlacesReport;
import io.p2pvpn.vpn.control.PlacesReport.Place;
import io.p2pvpn.vpn.control.StatusReport.EndpointStatus;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.NatStatus;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import io.p2pvpn.vpn.namespace.Membership;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a node knows of the network in front of it, for the control API. Confined to the node's loop. */
final class NetReports {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private NetReports() {}

    static NatStatus nat(NodeDaemon daemon) {
        NatLearner learner = daemon.traversal().learner();
        NatFacts facts = learner.facts();
        PortMapper mapper = daemon.portMapper();
        return new NatStatus(
                facts.mapping().word(),
                facts.filtering().word(),
                learner.hairpin() == Passage.PASSES,
                mapper == null ? "none" : mapper.protocol(),
                facts.udp() != Passage.BLOCKED);
    }

    /** What people should know or mend of the network in front of the node. */
    static List<Health> health(NodeDaemon daemon) {
        List<Health> health = new ArrayList<>();
        if (!nat(daemon).udp()) {
            health.add(new Health(
                    "udp-blocked",
                    Severity.WARNING,
                    "this network lets no UDP out, so everything goes over TCP or relays: let UDP out at the"
                            + " firewall"));
        }
        PortMapper mapper = daemon.portMapper();
        if (mapper != null && mapper.isBehindAnotherNat()) {
            health.add(new Health(
                    "double-nat",
                    Severity.INFO,
                    "the router maps a port at an address that is not public: another NAT stands before it; map"
                            + " the port there too if peers cannot reach this node directly"));
        }
        return health;
    }

    static List<EndpointStatus> endpoints(NodeDaemon daemon) {
        OverlayNode node = daemon.node();
        NatLearner learner = daemon.traversal().learner();
        List<Endpoint> local = daemon.traversal().interfaces();
        PortMapper mapper = daemon.portMapper();
        List<Endpoint> mapped = mapper == null ? List.of() : mapper.endpoints();
        List<EndpointStatus> endpoints = new ArrayList<>();
        mapped.forEach(endpoint -> endpoints.add(new EndpointStatus(endpoint.toString(), "mapped")));
        Set<Endpoint> all = new LinkedHashSet<>(local);
        all.addAll(node.observedEndpoints());
        all.removeAll(mapped);
        for (Endpoint endpoint : all) {
            endpoints.add(new EndpointStatus(endpoint.toString(), local.contains(endpoint) ? "local" : "observed"));
        }
        PortSequence ports = learner.ports();
        List<Endpoint> outside = learner.outside();
        if (ports != null && !outside.isEmpty()) {
            Endpoint next = Endpoint.of(Endpoint.Kind.UDP, outside.get(0).address(), ports.next());
            endpoints.add(new EndpointStatus(next.toString(), "predicted"));
        }
        return endpoints;
    }

    static PlacesReport places(NodeDaemon daemon) {
        OverlayNode node = daemon.node();
        Coordinate own = node.sessions().coordinates().own();
        List<Place> peers = new ArrayList<>();
        node.publicRing().peers().forEach(peer -> addPlace(peers, peer, null));
        for (Membership membership : daemon.memberships()) {
            Ring ring = membership.ring();
            if (ring != null) {
                String name = membership.options().name();
                ring.peers().forEach(peer -> addPlace(peers, peer, name));
            }
        }
        return new PlacesReport(own == null ? null : place(node.identity().nodeId(), null, own), List.copyOf(peers));
    }

    private static void addPlace(List<Place> places, RingPeer peer, @Nullable String namespace) {
        Coordinate coordinate = peer.session().peerCoordinate();
        if (coordinate != null) {
            places.add(place(peer.id(), namespace, coordinate));
        }
    }

    private static Place place(OverlayId id, @Nullable String namespace, Coordinate coordinate) {
        List<Double> core = new ArrayList<>();
        for (int i = 0; i < coordinate.dimensions(); i++) {
            core.add(coordinate.core(i));
        }
        return new Place(id.toString(), namespace, core, coordinate.heightMillis(), coordinate.error());
    }

    static NetcheckReport netcheck(NodeDaemon daemon) {
        NatTraversal traversal = daemon.traversal();
        NatLearner learner = traversal.learner();
        Collection<Session> sessions = daemon.node().sessions().sessions();
        return new NetcheckReport(
                learner.facts().udp().name().toLowerCase(Locale.ROOT),
                nat(daemon),
                learner.hairpin() != Passage.UNKNOWN,
                learner.preservesPorts(),
                family(traversal.interfaces(), sessions, false),
                family(traversal.interfaces(), sessions, true),
                endpoints(daemon),
                punching(daemon),
                relays(sessions),
                peers(daemon, sessions));
    }

    private static Family family(List<Endpoint> interfaces, Collection<Session> sessions, boolean ipv6) {
        Set<String> addresses = new LinkedHashSet<>();
        for (Endpoint each : interfaces) {
            if (each.isIpv6() == ipv6 && each.isGlobal()) {
                addresses.add(each.address().getHostAddress());
            }
        }
        boolean proven = sessions.stream()
                .flatMap(session -> session.paths().stream())
                .anyMatch(path -> path.isValidated() && isOver(path.route().endpoint(), ipv6));
        return new Family(List.copyOf(addresses), proven);
    }

    private static boolean isOver(@Nullable Endpoint endpoint, boolean ipv6) {
        return endpoint != null && endpoint.isIpv6() == ipv6;
    }

    private static Punching punching(NodeDaemon daemon) {
        PunchBudget budget = daemon.punchBudget();
        Map<String, Long> counters = daemon.runtime().counters().snapshot();
        return new Punching(
                budget.packetsPerSecond(),
                budget.sockets(),
                budget.probes(),
                budget.backoffMaxNanos() / NANOS_PER_SECOND,
                counters.getOrDefault("nat.punch.packets", 0L),
                counters.getOrDefault("nat.punch.begun", 0L),
                counters.getOrDefault("nat.punch.asked", 0L),
                counters.getOrDefault("nat.punch.found", 0L),
                counters.getOrDefault("nat.punch.failed", 0L));
    }

    private static List<Relay> relays(Collection<Session> sessions) {
        Map<OverlayId, Integer> served = new TreeMap<>();
        for (Session session : sessions) {
            Path active = session.activePath();
            OverlayId via = active == null ? null : active.route().via();
            if (via != null) {
                served.merge(via, 1, Integer::sum);
            }
        }
        List<Relay> relays = new ArrayList<>();
        served.forEach((id, peers) -> relays.add(new Relay(id.toString(), peers)));
        return relays;
    }

    private static List<Peer> peers(NodeDaemon daemon, Collection<Session> sessions) {
        List<Peer> bootstraps = new ArrayList<>();
        List<Peer> others = new ArrayList<>();
        for (Session session : sessions) {
            Path active = session.activePath();
            Endpoint remote = active == null ? null : active.route().endpoint();
            Set<Purpose> purposes = daemon.node().links().purposes(session.nodeId());
            Peer peer = new Peer(
                    session.nodeId().toString(),
                    purposes.stream().map(Purpose::toString).toList(),
                    active == null ? null : active.route().kind().name().toLowerCase(Locale.ROOT),
                    remote == null ? null : remote.toString(),
                    active == null || active.rttNanos() < 0 ? null : active.rttNanos() / NANOS_PER_MILLI,
                    daemon.pathReason(session));
            (purposes.contains(Purpose.BOOTSTRAP) ? bootstraps : others).add(peer);
        }
        bootstraps.addAll(others);
        return List.copyOf(bootstraps.subList(0, Math.min(bootstraps.size(), NetcheckReport.PEERS_MAX)));
    }
}

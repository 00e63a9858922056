package io.p2pvpn.nat.candidate;

import io.p2pvpn.overlay.node.CandidateSource;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gathers candidates: what the router maps to us, what peers observe, and the addresses of our interfaces, both
 * families and all transports.
 *
 * <p>The kinds take turns in the list, so that a host with many addresses of one kind does not push the others off its
 * end. Our own tunnel devices are left out: a tunnel must not run through itself.
 */
public final class CandidateGatherer implements CandidateSource {
    private static final long REFRESH_NANOS = 2_000_000_000L;
    /** Where changes are told: to list a host's interfaces takes a hundred system calls. */
    private static final long REFRESH_TOLD_NANOS = 60_000_000_000L;

    private static final int OBSERVED_MAX = 3;
    private static final int TCP_MAX = 2;
    private static final int MAPPED_MAX = 2;
    /** One place of the list is kept for it: whoever needs it has no other way, and everybody else never dials it. */
    private static final int TLS_MAX = 1;

    private final Transport transport;
    private final Clock clock;
    private final Supplier<List<String>> ownDevices;
    private Supplier<List<Endpoint>> mapped = List::of;
    private List<Endpoint> interfaces = List.of();
    private long gatheredNanos;

    /**
     * A gatherer.
     *
     * @param ownDevices names of the tunnel devices of this node, asked each time
     */
    public CandidateGatherer(Transport transport, Clock clock, Supplier<List<String>> ownDevices) {
        this.transport = transport;
        this.clock = clock;
        this.ownDevices = ownDevices;
        this.gatheredNanos = clock.nanoTime() - REFRESH_TOLD_NANOS;
    }

    /** Asks there each time for the endpoints at which a router makes this node reachable. */
    public void setMapped(Supplier<List<Endpoint>> endpoints) {
        mapped = endpoints;
    }

    @Override
    public List<Endpoint> candidates(List<Endpoint> observed) {
        refresh();
        List<Endpoint> udpMapped = ofKind(mapped.get(), Endpoint.Kind.UDP, MAPPED_MAX);
        List<Endpoint> tcpMapped = ofKind(mapped.get(), Endpoint.Kind.TCP, MAPPED_MAX);
        List<Endpoint> udpObserved = ofKind(observed, Endpoint.Kind.UDP, OBSERVED_MAX);
        List<Endpoint> udpLocal = ofKind(interfaces, Endpoint.Kind.UDP, Contact.ENDPOINTS_MAX);
        List<Endpoint> tcpLocal = ofKind(interfaces, Endpoint.Kind.TCP, TCP_MAX);
        List<Endpoint> tlsLocal = ofKind(publicFirst(interfaces), Endpoint.Kind.TLS, TLS_MAX);
        int others = Contact.ENDPOINTS_MAX - tlsLocal.size();
        List<Endpoint> candidates = new ArrayList<>();
        for (int i = 0; candidates.size() < others && i < others; i++) {
            for (List<Endpoint> kind : List.of(udpLocal, udpMapped, udpObserved, tcpLocal, tcpMapped)) {
                boolean useful = i < kind.size() && !candidates.contains(kind.get(i));
                if (useful && candidates.size() < others) {
                    candidates.add(kind.get(i));
                }
            }
        }
        candidates.addAll(tlsLocal);
        return candidates;
    }

    private static List<Endpoint> publicFirst(List<Endpoint> endpoints) {
        List<Endpoint> sorted = new ArrayList<>(endpoints);
        sorted.sort(Comparator.comparing(endpoint -> endpoint.address().isSiteLocalAddress()));
        return sorted;
    }

    @Override
    public void onNetworkChanged() {
        gatheredNanos = clock.nanoTime() - REFRESH_TOLD_NANOS;
    }

    /** The node's endpoints at its own interfaces. */
    public List<Endpoint> interfaces() {
        refresh();
        return interfaces;
    }

    private void refresh() {
        long now = clock.nanoTime();
        if (now - gatheredNanos >= (transport.tellsOfChanges() ? REFRESH_TOLD_NANOS : REFRESH_NANOS)) {
            gatheredNanos = now;
            interfaces = transport.interfaceEndpoints(ownDevices.get());
        }
    }

    private static List<Endpoint> ofKind(List<Endpoint> endpoints, Endpoint.Kind kind, int limit) {
        List<Endpoint> matching = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.kind() == kind && !endpoint.isUnusable() && matching.size() < limit) {
                matching.add(endpoint);
            }
        }
        return matching;
    }
}

package io.p2pvpn.nat.behaviour;

import io.p2pvpn.overlay.nat.Dependence;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.nat.NatFacts.Passage;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Learns how the boxes in front of this node map and filter UDP over IPv4 (RFC 4787 sections 4.1 and 5) from how
 * several remote endpoints see it: what RFC 5780 asks a server with two addresses, asked of peers. Confined to the
 * node's loop.
 *
 * <p>Peers near by, which see an inside address, say nothing about the boxes; they count only as long as nobody else is
 * heard of.
 */
public final class NatLearner {
    /** Remote endpoints whose word is remembered; the one heard of longest ago gives way. */
    static final int REPORTS_MAX = 64;
    /** A mapping may have changed after that: older reports do not count. */
    static final long FRESH_NANOS = 60_000_000_000L;
    /** Streams work and no datagram comes back for so long: then UDP is blocked. */
    static final long BLOCKED_NANOS = 3_000_000_000L;

    private record Report(Endpoint ours, long lastNanos) {}

    private final Clock clock;
    private final Supplier<List<Endpoint>> interfaces;
    /** By remote endpoint, in the order in which the present mapping towards it was first heard of. */
    private final Map<Endpoint, Report> reports = new LinkedHashMap<>();

    private Dependence mapping = Dependence.UNKNOWN;
    private Dependence filtering = Dependence.UNKNOWN;
    private Passage hairpin = Passage.UNKNOWN;
    private boolean streams;
    private long streamSinceNanos;
    private long streamLastNanos;

    /**
     * Knows nothing yet.
     *
     * @param interfaces the node's endpoints at its own interfaces, asked each time
     */
    public NatLearner(Clock clock, Supplier<List<Endpoint>> interfaces) {
        this.clock = clock;
        this.interfaces = interfaces;
    }

    /** {@code remote} sees what comes from the node's own socket, or its streams, as coming from {@code ours}. */
    public void onObserved(Endpoint remote, Endpoint ours) {
        long now = clock.nanoTime();
        if (remote.kind() != Endpoint.Kind.UDP) {
            if (!streams || now - streamLastNanos > FRESH_NANOS) {
                streamSinceNanos = now;
            }
            streams = true;
            streamLastNanos = now;
            return;
        }
        Report before = reports.get(remote);
        if (before == null || !before.ours().equals(ours)) {
            reports.remove(remote);
        }
        reports.put(remote, new Report(ours, now));
        if (reports.size() > REPORTS_MAX) {
            reports.remove(reports.keySet().iterator().next());
        }
    }

    /** A frame came in from an address that was written to, at a port that was not: the box let it through, or not. */
    public void onFilterChecked(boolean passed) {
        if (!passed) {
            filtering = Dependence.ADDRESS_AND_PORT_DEPENDENT;
        } else if (filtering != Dependence.ENDPOINT_INDEPENDENT) {
            // Whether an address that was not written to would pass as well is shown by what comes from one.
            filtering = Dependence.ADDRESS_DEPENDENT;
        }
    }

    /** A frame came in from an address that nothing was sent to. */
    public void onUnaskedReceived() {
        filtering = Dependence.ENDPOINT_INDEPENDENT;
    }

    /** What was sent to the node's own outside endpoint came back, or did not. */
    public void onHairpinChecked(boolean passed) {
        hairpin = passed ? Passage.PASSES : Passage.BLOCKED;
    }

    /** Forgets everything: the node is in another network. */
    public void reset() {
        reports.clear();
        mapping = Dependence.UNKNOWN;
        filtering = Dependence.UNKNOWN;
        hairpin = Passage.UNKNOWN;
        streams = false;
    }

    /** What is known now. */
    public NatFacts facts() {
        Map<Endpoint, Endpoint> seen = telling();
        Dependence now = mapping(seen);
        // One peer alone cannot contradict what several have shown.
        mapping = now == Dependence.UNKNOWN ? mapping : now;
        return new NatFacts(udp(!seen.isEmpty()), mapping, filtering);
    }

    /** Whether a host behind the boxes reaches another one there by its outside address. */
    public Passage hairpin() {
        return hairpin;
    }

    /** Whether the boxes give outside the port that the node has inside; null while that cannot be said. */
    public @Nullable Boolean preservesPorts() {
        Set<Integer> inside = new TreeSet<>();
        interfaces.get().forEach(each -> inside.add(each.port()));
        List<Endpoint> outside = outside();
        if (outside.isEmpty() || inside.isEmpty()) {
            return null;
        }
        return outside.stream().allMatch(each -> inside.contains(each.port()));
    }

    /** The node's UDP endpoints outside of all boxes, the newest first; empty while none is known. */
    public List<Endpoint> outside() {
        List<Endpoint> newest = new ArrayList<>(new LinkedHashSet<>(telling().values()));
        Collections.reverse(newest);
        return newest;
    }

    /** Which outside port will be next, or null if that cannot be said. */
    public @Nullable PortSequence ports() {
        Set<Integer> ports = new LinkedHashSet<>();
        telling().values().forEach(ours -> ports.add(ours.port()));
        return PortSequence.of(new ArrayList<>(ports));
    }

    private Passage udp(boolean heard) {
        long now = clock.nanoTime();
        if (heard) {
            return Passage.PASSES;
        }
        boolean streaming = streams && now - streamLastNanos <= FRESH_NANOS;
        return streaming && now - streamSinceNanos >= BLOCKED_NANOS ? Passage.BLOCKED : Passage.UNKNOWN;
    }

    /** How those remote endpoints see us whose word says something about the boxes. */
    private Map<Endpoint, Endpoint> telling() {
        long now = clock.nanoTime();
        Map<Endpoint, Endpoint> far = new LinkedHashMap<>();
        Map<Endpoint, Endpoint> near = new LinkedHashMap<>();
        reports.forEach((remote, report) -> {
            if (!remote.isIpv6() && now - report.lastNanos() <= FRESH_NANOS) {
                (remote.isGlobal() ? far : near).put(remote, report.ours());
            }
        });
        return far.isEmpty() ? near : far;
    }

    private Dependence mapping(Map<Endpoint, Endpoint> seen) {
        Set<Endpoint> ours = new LinkedHashSet<>(seen.values());
        if (ours.size() == 1 && interfaces.get().containsAll(ours)) {
            return Dependence.ENDPOINT_INDEPENDENT;
        }
        Set<InetAddress> addresses = new LinkedHashSet<>();
        Map<InetAddress, Endpoint> byAddress = new LinkedHashMap<>();
        boolean samePerAddress = true;
        for (Map.Entry<Endpoint, Endpoint> each : seen.entrySet()) {
            InetAddress address = each.getKey().address();
            addresses.add(address);
            Endpoint other = byAddress.putIfAbsent(address, each.getValue());
            samePerAddress &= other == null || other.equals(each.getValue());
        }
        if (!samePerAddress) {
            return Dependence.ADDRESS_AND_PORT_DEPENDENT;
        }
        boolean severalPorts = seen.size() > addresses.size();
        if (ours.size() > 1) {
            return severalPorts ? Dependence.ADDRESS_DEPENDENT : Dependence.ADDRESS_AND_PORT_DEPENDENT;
        }
        // Boxes that look at the address alone are rare: two ports of one address count as two destinations.
        return addresses.size() > 1 || severalPorts ? Dependence.ENDPOINT_INDEPENDENT : Dependence.UNKNOWN;
    }
}

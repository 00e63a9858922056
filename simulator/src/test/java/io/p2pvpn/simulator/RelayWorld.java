package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Two members behind boxes that let no direct path through, public members around them, and a delay for every way: the
 * distance on a plane, and what each host's own line takes.
 */
final class RelayWorld {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final double JOIN_SECONDS_MAX = 120;
    private static final double PLANE_MILLIS = 40;
    private static final double LINE_MILLIS = 20;
    private static final double LOSS = 0.001;

    /** Where a host is. */
    private record Place(double x, double y, double line) {
        double millisTo(Place other) {
            return Math.hypot(x - other.x, y - other.y) + line + other.line;
        }
    }

    private final VpnWorld vpn;
    private final TreeMap<String, Place> places = new TreeMap<>();
    private final SplittableRandom random;
    private final List<Node> publicNodes = new ArrayList<>();
    private final Node first;
    private final Node second;
    private long number = 1_000_000;

    RelayWorld(long seed, int publicMembers, NatBehaviour behaviour) {
        random = new SplittableRandom(seed);
        vpn = new VpnWorld(seed, LinkModel.CLEAN);
        SimNetwork network = vpn.world().network();
        network.setLinkPolicy((from, to) ->
                LinkModel.constantDelay((long) (millis(from, to) * MILLI_NANOS)).withLoss(LOSS));
        Node bootstrap = vpn.bootstrap();
        publicNodes.add(bootstrap);
        vpn.runFor(1);
        for (int i = 0; i < publicMembers; i++) {
            Node node = vpn.join(bootstrap);
            publicNodes.add(node);
            vpn.runFor(1);
        }
        first = vpn.add(network.addNat(behaviour).addHost("a"));
        second = vpn.add(network.addNat(behaviour).addHost("b"));
        vpn.start(first, VpnWorld.options("a"), bootstrap);
        vpn.start(second, VpnWorld.options("b"), bootstrap);
        List<Node> members = new ArrayList<>(vpn.nodes());
        members.remove(bootstrap);
        if (vpn.runUntilOne(members, (long) JOIN_SECONDS_MAX) < 0) {
            throw new IllegalStateException(vpn.wrong(members));
        }
    }

    private Place place(SimHost host) {
        return places.computeIfAbsent(
                host.name(),
                name -> new Place(
                        random.nextDouble() * PLANE_MILLIS,
                        random.nextDouble() * PLANE_MILLIS,
                        1 + random.nextDouble() * LINE_MILLIS));
    }

    private double millis(SimHost from, SimHost to) {
        return from == to ? 0 : place(from).millisTo(place(to));
    }

    VpnWorld vpn() {
        return vpn;
    }

    Node first() {
        return first;
    }

    Node second() {
        return second;
    }

    List<Node> publicNodes() {
        return publicNodes;
    }

    /** The path in use from one to the other, or null. */
    static @Nullable Path active(Node from, Node to) {
        Session session = from.daemon().node().sessions().session(id(to));
        return session == null ? null : session.activePath();
    }

    /** Proven paths through relays of the session between the two, at the end that knows more of them. */
    long relayPaths() {
        return Math.max(relayPaths(first, second), relayPaths(second, first));
    }

    private static long relayPaths(Node from, Node to) {
        Session session = from.daemon().node().sessions().session(id(to));
        return session == null
                ? 0
                : session.paths().stream()
                        .filter(path -> path.isValidated() && path.route().kind() == FrameRoute.Kind.RELAY)
                        .count();
    }

    static OverlayId id(Node node) {
        return node.daemon().node().identity().nodeId();
    }

    /** The public node that relays what one sends to the other, or null. */
    @Nullable
    Node relay(Node from, Node to) {
        Path active = active(from, to);
        if (active == null || active.route().kind() != FrameRoute.Kind.RELAY) {
            return null;
        }
        return publicNodes.stream()
                .filter(node ->
                        node.isRunning() && id(node).equals(active.route().via()))
                .findFirst()
                .orElse(null);
    }

    /** Round trip by way of this node, ms. */
    double rttBy(Node relay) {
        return 2 * (millis(first.host(), relay.host()) + millis(relay.host(), second.host()));
    }

    /** The least round trip by way of any public node that runs, ms. */
    double bestRtt() {
        return publicNodes.stream()
                .filter(Node::isRunning)
                .mapToDouble(this::rttBy)
                .min()
                .orElseThrow();
    }

    /** Each sends the other a packet every {@code gapMillis}; the longest time without an arrival at either, ms. */
    long longestGapMillis(long seconds, long gapMillis) {
        long longest = 0;
        long now = 0;
        long[] lastMillis = new long[2];
        int[] seen = {first.tun().received().size(), second.tun().received().size()};
        for (; now < seconds * 1000; now++) {
            if (now % gapMillis == 0) {
                first.tun().send(second.address(), number++);
                second.tun().send(first.address(), number++);
            }
            vpn.world().runFor(MILLI_NANOS);
            for (int end = 0; end < 2; end++) {
                int count = (end == 0 ? first : second).tun().received().size();
                if (count > seen[end]) {
                    seen[end] = count;
                    lastMillis[end] = now;
                }
                longest = Math.max(longest, now - lastMillis[end]);
            }
        }
        return longest;
    }
}

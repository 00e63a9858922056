package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.namespace.Administration;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.tun.Cidr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A world of whole nodes, as the daemon runs them, with devices in memory. */
final class VpnWorld {
    static final long SECOND_NANOS = 1_000_000_000L;
    static final String NAMESPACE = "lab";

    private static final int MTU_BYTES = 1400;
    private static final long LOOK_NANOS = 50_000_000L;

    private final SimWorld world;
    private final List<Node> nodes = new ArrayList<>();
    private long packets;

    VpnWorld(long seed, LinkModel link) {
        world = new SimWorld(seed);
        world.network().setDefaultLink(link);
    }

    SimWorld world() {
        return world;
    }

    void runFor(long seconds) {
        world.runFor(seconds * SECOND_NANOS);
    }

    /** A member of this world's namespace, or one to be. */
    static final class Node extends VpnMember {
        Node(SimHost host) {
            super(host, NAMESPACE);
        }
    }

    static MembershipOptions options(String hostName) {
        return options(hostName, null, null);
    }

    /** What a node asks for that will have this address only. */
    static MembershipOptions optionsWithAddress(String hostName, int ipv4) {
        return new MembershipOptions(NAMESPACE, null, true, null, hostName, ipv4, null, null, true, MTU_BYTES, false);
    }

    /**
     * What a node asks for.
     *
     * @param pinned the namespace's ID, or null for whoever has the name
     * @param prefix of a namespace that it founds, or null for any
     */
    static MembershipOptions options(String hostName, @Nullable OverlayId pinned, @Nullable Cidr prefix) {
        return new MembershipOptions(
                NAMESPACE, pinned, true, null, hostName, null, prefix, null, true, MTU_BYTES, false);
    }

    /** What a node asks for that founds, or enters, a namespace that does not let everybody in. */
    static MembershipOptions closedOptions(String hostName, @Nullable InviteToken invite) {
        return new MembershipOptions(
                NAMESPACE, null, false, invite, hostName, null, null, null, true, MTU_BYTES, false);
    }

    /** Starts a node that founds a closed namespace, and runs until it has. */
    Node found(Node... bootstraps) {
        Node founder = add();
        start(founder, closedOptions(founder.host().name(), null), bootstraps);
        if (runUntilOne(List.of(founder), 60) < 0) {
            throw new AssertionError(wrong(List.of(founder)));
        }
        return founder;
    }

    /** An invite that this administrator makes, for members. */
    InviteToken invite(Node administrator, int uses) {
        return done(administration(administrator)
                .invite(uses, 3600_000, Role.MEMBER, Administration.VALID_MILLIS, List.of()));
    }

    /** Starts so many with an invite of that administrator, and runs until all are one with it. */
    List<Node> inviteAll(int count, Node administrator, Node... bootstraps) {
        InviteToken invite = invite(administrator, count);
        List<Node> members = new ArrayList<>(List.of(administrator));
        for (int i = 0; i < count; i++) {
            Node node = add();
            members.add(node);
            start(node, closedOptions(node.host().name(), invite), bootstraps);
        }
        if (runUntilOne(members, 120) < 0) {
            throw new AssertionError(wrong(members));
        }
        return members;
    }

    /** Sets the access rules, and runs until every member is likely to know them. */
    void setRules(Node administrator, String text) {
        done(administration(administrator).setRules(text));
        runFor(2);
    }

    static Administration administration(Node node) {
        try {
            return Objects.requireNonNull(node.membership()).administration();
        } catch (ControlException refused) {
            throw new AssertionError(refused);
        }
    }

    /** Runs until that is done, and returns what it is. */
    <T> T done(CompletableFuture<T> future) {
        if (!world.runUntil(future::isDone, 60 * SECOND_NANOS)) {
            throw new AssertionError("not done within a minute");
        }
        return future.join();
    }

    List<Node> nodes() {
        return nodes;
    }

    /** Adds a host that runs nothing. */
    Node add() {
        return add(world.network().addHost("n" + nodes.size()));
    }

    /** Adds that host, which runs nothing. */
    Node add(SimHost host) {
        Node node = new Node(host);
        nodes.add(node);
        return node;
    }

    /** Adds a host with a copy of that one's identity and state, which runs nothing. */
    Node addCopy(Node original) {
        Node copy = add();
        copy.setIdentity(original.identity());
        copy.host().files().putAll(original.host().files());
        return copy;
    }

    /** Starts a node of the public ring only. */
    Node bootstrap(Node... others) {
        Node node = add();
        start(node, null, others);
        return node;
    }

    /** Starts a node that joins the namespace. */
    Node join(Node... bootstraps) {
        Node node = add();
        start(node, options(node.host().name()), bootstraps);
        return node;
    }

    /** Starts so many that join the namespace, and runs until they are one. */
    List<Node> joinAll(int count, Node... bootstraps) {
        List<Node> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(join(bootstraps));
        }
        if (runUntilOne(members, 60) < 0) {
            throw new AssertionError(wrong(members));
        }
        return members;
    }

    /** Starts a host's node, after a crash with the identity and the state it had. */
    void start(Node node, @Nullable MembershipOptions namespace, Node... bootstraps) {
        node.start(namespace, targets(bootstraps));
    }

    /** How nodes are told of these. */
    static List<BootstrapTarget> targets(Node... bootstraps) {
        List<BootstrapTarget> targets = new ArrayList<>();
        for (Node bootstrap : bootstraps) {
            var address = bootstrap.host().address();
            targets.add(new BootstrapTarget(address.address().getHostAddress(), address.port(), null));
        }
        return targets;
    }

    /** Runs until these are members of one namespace and its ring is right; the virtual seconds it took, or -1. */
    double runUntilOne(Collection<Node> members, long limitSeconds) {
        long start = world.nanoTime();
        boolean right = world.runUntil(() -> wrong(members) == null, limitSeconds * SECOND_NANOS, LOOK_NANOS);
        return right ? (world.nanoTime() - start) / (double) SECOND_NANOS : -1;
    }

    /** What keeps these from being the members of one namespace with the ring that their IDs say; null if nothing. */
    @Nullable
    String wrong(Collection<Node> members) {
        TreeSet<OverlayId> namespaces = new TreeSet<>();
        TreeSet<Integer> addresses = new TreeSet<>();
        TreeMap<OverlayId, Ring> rings = new TreeMap<>();
        for (Node node : members) {
            Membership membership = node.membership();
            Ring ring = membership == null ? null : membership.ring();
            OverlayId id = node.namespaceId();
            if (ring == null || id == null || !node.isMember()) {
                return node.host() + " is no member: " + (membership == null ? node.failures() : membership.state());
            }
            namespaces.add(id);
            addresses.add(membership.ipv4());
            rings.put(ring.self(), ring);
        }
        if (namespaces.size() != 1) {
            return namespaces.size() + " namespaces";
        }
        if (addresses.size() != members.size()) {
            return "an address is held twice";
        }
        return new RingShape(rings).wrong();
    }

    /** Sends one packet and runs until it is there; the virtual seconds it took, or -1. */
    double ping(Node from, Node to, long limitSeconds) {
        long number = ++packets;
        long start = world.nanoTime();
        from.tun().send(to.address(), number);
        boolean there = world.runUntil(() -> to.hasReceived(number), limitSeconds * SECOND_NANOS);
        return there ? (world.nanoTime() - start) / (double) SECOND_NANOS : -1;
    }

    static List<SimHost> hosts(Collection<Node> nodes) {
        return nodes.stream().map(Node::host).toList();
    }

    static List<Node> list(Node... nodes) {
        return new ArrayList<>(Arrays.asList(nodes));
    }
}

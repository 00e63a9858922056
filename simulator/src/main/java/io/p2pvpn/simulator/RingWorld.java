package io.p2pvpn.simulator;

import io.p2pvpn.crawler.Crawler;
import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.nat.NatTraversal;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.node.CandidateSource;
import io.p2pvpn.overlay.node.NodeParts;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingFactory;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.shortcuts.coordinate.Vivaldi;
import io.p2pvpn.shortcuts.far.FarLinkKeeper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A world of overlay nodes, and what their ring should look like. Confined to the world's thread.
 *
 * <p>Each is an {@link OverlayNode} with a {@link FarLinkKeeper}, and what else was asked for before it started.
 */
public final class RingWorld {
    /** A second. */
    public static final long SECOND_NANOS = 1_000_000_000L;

    private static final long JOIN_GAP_NANOS = 10_000_000L;
    private static final long JOIN_LIMIT_NANOS = 60 * SECOND_NANOS;
    private static final long LOOK_NANOS = 20_000_000L;
    private static final int FIRST_MEMBERS = 3;
    private static final int IDENTITIES_MAX = 131_072;

    /** A host with its identity and the node that runs on it, or null after a crash. */
    public static final class Member {
        private final SimHost host;
        private @Nullable Identity identity;
        private @Nullable OverlayNode node;
        private @Nullable FarLinkKeeper farLinks;
        private @Nullable Crawler crawler;
        private @Nullable RingInvariants invariants;

        Member(SimHost host) {
            this.host = host;
        }

        /** Where it runs. */
        public SimHost host() {
            return host;
        }

        /** What runs there; something must. */
        public OverlayNode node() {
            if (node == null) {
                throw new IllegalStateException(host.name() + " does not run");
            }
            return node;
        }

        /** Its links across the ring; it must run. */
        public FarLinkKeeper farLinks() {
            if (farLinks == null) {
                throw new IllegalStateException(host.name() + " does not run");
            }
            return farLinks;
        }

        /** What crawls from there, and answers others that do; it must run. */
        public Crawler crawler() {
            if (crawler == null) {
                throw new IllegalStateException(host.name() + " does not run");
            }
            return crawler;
        }

        /** Whose node it is, or was last. */
        public Identity identity() {
            if (identity == null) {
                throw new IllegalStateException(host.name() + " never ran");
            }
            return identity;
        }

        /** Whether a node runs there. */
        public boolean isRunning() {
            return node != null;
        }

        /** Its place in the public ring; it must run. */
        public OverlayId id() {
            return node().publicRing().self();
        }

        /** The public ring, as crawls and their tasks see it; it must run. */
        public TaskRing taskRing() {
            return TaskRing.of(node(), node().publicRing());
        }

        /** Ends the node as kill -9 does. */
        public void crash() {
            host.crash();
            node = null;
            farLinks = null;
            crawler = null;
            if (invariants != null) {
                invariants.onStop(host);
                invariants = null;
            }
        }
    }

    /**
     * By region, shared by its nodes: verifying is a pure function, and a thousand nodes verify the same thousand
     * identities.
     */
    private final Map<Region, IdentityCache> identities = new LinkedHashMap<>();

    private final SimWorld world;
    private final List<Member> members = new ArrayList<>();
    private boolean traversing;
    private boolean placed;
    private SessionConfig sessions = SessionConfig.DEFAULT;
    private @Nullable RingInvariants invariants;
    private RingFactory rings = Ring::new;
    private RelayLimits relays = RelayLimits.DEFAULT;

    /** A world without hosts, whose links are like {@code link}. */
    public RingWorld(long seed, LinkModel link) {
        world = new SimWorld(seed);
        world.network().setDefaultLink(link);
    }

    /** A ring of that size, right: one node every 10 ms, each through a random one of those before it. */
    static RingWorld joined(int size, long seed, LinkModel link) {
        RingWorld ring = new RingWorld(seed, link);
        SplittableRandom random = new SplittableRandom(seed);
        ring.found();
        for (int i = 1; i < size; i++) {
            ring.join(ring.members().get(random.nextInt(i)));
            ring.world.runFor(JOIN_GAP_NANOS);
        }
        if (ring.runUntilRight(JOIN_LIMIT_NANOS) < 0) {
            throw new IllegalStateException(ring.wrong());
        }
        return ring;
    }

    /** Where all this happens. */
    public SimWorld world() {
        return world;
    }

    /** Everybody who ever started, in that order. */
    public List<Member> members() {
        return members;
    }

    /** Starts the founder. */
    public Member found() {
        Member member = add();
        member.node().foundPublicRing();
        return member;
    }

    /** Nodes started from now on learn about NAT boxes and punch holes, as daemons do. */
    public void setTraversing(boolean newTraversing) {
        traversing = newTraversing;
    }

    /** Nodes started from now on look for their place in the space of round trips, as daemons do. */
    public void setPlaced(boolean newPlaced) {
        placed = newPlaced;
    }

    /** Nodes started from now on agree on keys and seal with this. */
    public void setCrypto(SessionCrypto crypto) {
        sessions = SessionConfig.DEFAULT.withCrypto(crypto);
    }

    /** Nodes started from now on relay for others like that. */
    void setRelays(RelayLimits newRelays) {
        relays = newRelays;
    }

    /** These watch the nodes that are started from now on. */
    public void setInvariants(RingInvariants newInvariants) {
        invariants = newInvariants;
    }

    /** Nodes started from now on have such rings. */
    void setRings(RingFactory newRings) {
        rings = newRings;
    }

    /** Starts a node of this identity, which calls {@code bootstraps}. */
    Member join(Identity identity, Member... bootstraps) {
        Member member = new Member(world.network().addHost("n" + members.size()));
        member.identity = identity;
        members.add(member);
        start(member);
        bootstrap(member, bootstraps);
        return member;
    }

    /** Starts a node that calls nobody. */
    public Member add() {
        return add(world.network().addHost("n" + members.size()));
    }

    /** Starts a node on this host, which calls nobody. */
    public Member add(SimHost host) {
        Member member = new Member(host);
        members.add(member);
        start(member);
        return member;
    }

    /** Starts a node on this host: the first one founds the ring, the others call the first few. */
    public Member join(SimHost host) {
        Member member = add(host);
        if (members.size() == 1) {
            member.node().foundPublicRing();
        } else {
            List<Member> known = members.subList(0, Math.min(members.size() - 1, FIRST_MEMBERS));
            bootstrap(member, known.toArray(Member[]::new));
        }
        return member;
    }

    /** Starts a node that calls {@code bootstraps}. */
    public Member join(Member... bootstraps) {
        Member member = add();
        bootstrap(member, bootstraps);
        return member;
    }

    /** Starts the node of a host again, with the identity it had. */
    void restart(Member member, Member... bootstraps) {
        member.crash();
        start(member);
        bootstrap(member, bootstraps);
    }

    /** Starts another node on a host: a new identity. */
    public void replace(Member member, Member... bootstraps) {
        member.identity = null;
        restart(member, bootstraps);
    }

    private void start(Member member) {
        SimRuntime runtime = member.host.start();
        if (member.identity == null) {
            member.identity = Identity.generate(runtime.keys());
        }
        IdentityCache known =
                identities.computeIfAbsent(member.host.region(), unused -> new IdentityCache(IDENTITIES_MAX));
        NodeParts unplaced = new NodeParts(relays, known, rings);
        NodeParts parts = placed ? unplaced.with(its -> new Vivaldi(its.random(), its.counters())) : unplaced;
        NatTraversal traversal = new NatTraversal(runtime, List::of);
        CandidateSource candidates =
                traversing ? traversal : observed -> runtime.transport().interfaceEndpoints(List.of());
        member.node = new OverlayNode(runtime, member.identity, sessions, candidates, parts);
        if (traversing) {
            traversal.start(member.node, PunchBudget.DEFAULT);
        }
        member.farLinks = new FarLinkKeeper(member.node, member.node.publicRing());
        member.crawler = new Crawler(member.node, NodeFacts.NONE);
        member.crawler.serve(member.taskRing());
        member.invariants = invariants;
        if (invariants != null) {
            invariants.onStart(member.host, member.node, member.node.publicRing());
        }
    }

    /** Has a node call these. */
    public void bootstrap(Member member, Member... bootstraps) {
        List<BootstrapTarget> targets = new ArrayList<>();
        for (Member bootstrap : bootstraps) {
            String address = bootstrap.host.address().address().getHostAddress();
            targets.add(new BootstrapTarget(address, bootstrap.host.address().port(), null));
        }
        member.node().bootstrap(targets);
    }

    /** Runs until the public ring of all running nodes is right; the virtual time it took, or -1. */
    public long runUntilRight(long limitNanos) {
        return runUntilRight(member -> member.node().publicRing(), limitNanos);
    }

    long runUntilRight(Function<Member, Ring> ring, long limitNanos) {
        long start = world.nanoTime();
        boolean right = world.runUntil(() -> wrong(ring) == null, limitNanos, LOOK_NANOS);
        return right ? world.nanoTime() - start : -1;
    }

    /** What is wrong with the public ring of all running nodes, or null. */
    public @Nullable String wrong() {
        return wrong(member -> member.node().publicRing());
    }

    /** What is wrong with the ring of all running nodes, or null. */
    @Nullable
    String wrong(Function<Member, Ring> ringOf) {
        return wrong(members, ringOf);
    }

    /** What is wrong if these members, as far as they run, are to be one whole ring; or null. */
    public static @Nullable String wrongAmong(List<Member> part) {
        return wrong(part, member -> member.node().publicRing());
    }

    private static @Nullable String wrong(List<Member> part, Function<Member, Ring> ringOf) {
        TreeMap<OverlayId, Ring> rings = new TreeMap<>();
        for (Member member : part) {
            if (member.isRunning()) {
                Ring ring = ringOf.apply(member);
                if (!ring.isJoined()) {
                    return member.host + " is not joined";
                }
                rings.put(ring.self(), ring);
            }
        }
        return new RingShape(rings).wrong();
    }

    /** The public ring of those of these members that run. */
    public static RingShape shape(List<Member> part) {
        TreeMap<OverlayId, Ring> rings = new TreeMap<>();
        for (Member member : part) {
            if (member.isRunning()) {
                rings.put(member.id(), member.node().publicRing());
            }
        }
        return new RingShape(rings);
    }
}

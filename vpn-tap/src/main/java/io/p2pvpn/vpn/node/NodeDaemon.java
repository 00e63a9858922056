package io.p2pvpn.vpn.node;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.Crawler;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.RecordPolicy;
import io.p2pvpn.nat.NatTraversal;
import io.p2pvpn.nat.portmap.GatewayAccess;
import io.p2pvpn.nat.portmap.PortMapper;
import io.p2pvpn.nat.portmap.PortMapping;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.node.NodeParts;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.shortcuts.coordinate.Vivaldi;
import io.p2pvpn.shortcuts.far.FarLinkKeeper;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import io.p2pvpn.vpn.namespace.DeviceProvider;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.MembershipHost;
import io.p2pvpn.vpn.namespace.MembershipListener;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import io.p2pvpn.vpn.namespace.MembershipState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node at work: the overlay, and its memberships by name. {@link VpnNode} runs it on a host, the simulator under
 * virtual time. Confined to the node's loop.
 */
public final class NodeDaemon {
    private static final int CHANNELS_MAX = 255;
    private static final long FOUND_ALONE_NANOS = 5_000_000_000L;
    /** A single peer may lie: so long others have to say the same. */
    private static final long SECOND_WITNESS_NANOS = 3_000_000_000L;

    private static final int BOOTSTRAPS_SHOWN_MAX = 4;
    private static final long KEEP_PEERS_NANOS = 10_000_000_000L;

    private final NodeRuntime runtime;
    private final OverlayNode node;
    private final Identity identity;
    private final FarLinkKeeper farLinks;
    private final Dht publicDht;
    private final DeviceProvider devices;
    private final Supplier<List<String>> ownDevices;
    private final VpnNodeListener listener;
    private final Map<String, Membership> memberships = new LinkedHashMap<>();
    private final @Nullable Membership[] byChannel = new Membership[CHANNELS_MAX + 1];
    private final CompletableFuture<@Nullable Void> joined = new CompletableFuture<>();
    private final KnownPeers knownPeers;
    private final NatTraversal traversal;
    private final MemberCalls memberCalls;
    private final MemberStreams memberStreams;
    private final OwnFacts facts;
    private final Crawler crawler;
    private final PunchBudget punchBudget;
    private final Rivalry rivalry;
    private final LeaseEvents leaseEvents;
    private final ClockWatch clockWatch;
    private final RouteWatch routeWatch;
    private final long startedNanos;
    private @Nullable PortMapper portMapper;
    private NodeState state = NodeState.STARTING;
    private List<String> bootstrapTexts = List.of();
    private boolean calls;
    private boolean stopped;
    private Timers.@Nullable Timer stateTimer;

    /**
     * A node that has not begun.
     *
     * @param devices where memberships get their devices from
     * @param ownDevices names of those, whose addresses nobody is told
     * @param punchBudget what looking for unknown ports of peers may cost
     */
    public NodeDaemon(
            NodeRuntime runtime,
            Identity identity,
            DeviceProvider devices,
            Supplier<List<String>> ownDevices,
            RelayLimits relayLimits,
            PunchBudget punchBudget,
            VpnNodeListener listener) {
        this.runtime = runtime;
        this.identity = identity;
        this.devices = devices;
        this.listener = listener;
        this.startedNanos = runtime.clock().nanoTime();
        this.knownPeers = new KnownPeers(runtime.store());
        this.punchBudget = punchBudget;
        this.rivalry = new Rivalry(runtime.clock());
        this.leaseEvents = new LeaseEvents(listener);
        this.clockWatch = new ClockWatch(runtime.clock());
        this.routeWatch = new RouteWatch(runtime, devices, this::memberships, listener::onNotice);
        this.ownDevices = ownDevices;
        this.traversal = new NatTraversal(runtime, ownDevices);
        NodeParts parts = NodeParts.of(relayLimits).with(its -> new Vivaldi(its.random(), its.counters()));
        this.node = new OverlayNode(runtime, identity, SessionConfig.DEFAULT, traversal, parts);
        traversal.start(node, punchBudget);
        this.farLinks = new FarLinkKeeper(node, node.publicRing());
        this.publicDht =
                new Dht(runtime, node.publicRing(), new byte[0], identity, node.identities(), RecordPolicy.acceptAll());
        node.setPacketReceiver(new PacketSwitch(runtime.counters(), byChannel, memberships));
        node.addObserver(new Sessions());
        node.links()
                .addListener((nodeId, reason) ->
                        memberships.values().forEach(membership -> membership.onLinkFailed(nodeId)));
        new NamespaceCalls(this).serve(node.calls());
        node.calls().handle("ping", (from, request) -> CompletableFuture.completedFuture(request));
        this.memberCalls = new MemberCalls(this);
        this.memberStreams = new MemberStreams(this);
        this.facts = new OwnFacts(this);
        this.crawler = new Crawler(node, facts);
        serve(node.publicRing());
    }

    /** What every member answers in every ring. */
    private void serve(Ring ring) {
        ring.handle("ping", call -> CompletableFuture.completedFuture(call.request()));
        RouteTraces.serve(ring);
        crawler.serve(TaskRing.of(node, ring));
    }

    // -------------------------------------------------------------------- beginning

    /**
     * Joins the public ring (or founds it, if no way into one is given or known), then a namespace.
     *
     * @param namespace what to join at once, or null
     * @param lan whether to look for nodes on our own links as well
     */
    public void start(List<BootstrapTarget> asked, @Nullable MembershipOptions namespace, boolean lan) {
        bootstrapTexts = texts(asked);
        List<BootstrapTarget> bootstraps = new ArrayList<>(asked);
        bootstraps.addAll(knownPeers.read());
        if (bootstraps.isEmpty() && namespace != null && !lan) {
            joined.completeExceptionally(new ControlException(
                    ControlException.Kind.WRONG_USAGE,
                    "no way into the network is known: name any node of it with --bootstrap HOST:PORT"));
            return;
        }
        calls = namespace != null;
        runtime.timers().schedule(KEEP_PEERS_NANOS, this::keepPeers);
        routeWatch.start();
        change(NodeState.CONNECTING);
        node.publicRing().onJoined(() -> {
            watchState();
            if (stateTimer == null) {
                stateTimer = runtime.timers().everySecond(this::watchState);
            }
            if (namespace == null) {
                joined.complete(null);
            }
        });
        if (bootstraps.isEmpty() && namespace == null) {
            node.foundPublicRing();
        } else {
            node.bootstrap(bootstraps);
        }
        if (lan) {
            traversal.discover(node, !bootstraps.isEmpty());
        }
        boolean returning = namespace == null;
        if (namespace != null) {
            try {
                join(namespace);
                Membership membership = memberships.get(namespace.name());
                returning = membership != null && membership.descriptor() != null;
            } catch (ControlException refused) {
                joined.completeExceptionally(refused);
            }
        }
        if (returning && !node.publicRing().isJoined()) {
            // A node whose companions are all away is the first of them to come back.
            runtime.timers().schedule(FOUND_ALONE_NANOS, () -> {
                if (!rivalry.isRefused()) {
                    node.foundPublicRingIfAlone();
                }
            });
        }
    }

    /**
     * Takes over what can change while the node runs.
     *
     * @param asked nodes that know the way into the public ring, beside those that the node has found itself
     */
    public void change(List<BootstrapTarget> asked, RelayLimits relayLimits) {
        bootstrapTexts = texts(asked);
        List<BootstrapTarget> bootstraps = new ArrayList<>(asked);
        bootstraps.addAll(knownPeers.read());
        if (!bootstraps.isEmpty()) {
            node.bootstrap(bootstraps);
        }
        node.relays().limit(relayLimits);
    }

    private static List<String> texts(List<BootstrapTarget> targets) {
        return targets.stream()
                .limit(BOOTSTRAPS_SHOWN_MAX)
                .map(each -> (each.host().indexOf(':') < 0 ? each.host() : "[" + each.host() + "]") + ":" + each.port())
                .toList();
    }

    /** Where the node was told to enter, as {@code HOST:PORT}: for whoever it invites. */
    List<String> bootstrapTexts() {
        return bootstrapTexts;
    }

    /** Has the home router map our ports, and offers what it maps to peers. */
    public void mapPorts(GatewayAccess access, PortMapping mode) {
        PortMapper mapper =
                new PortMapper(runtime, access, mode, ownDevices, node::observedEndpoints, node::onCandidatesChanged);
        portMapper = mapper;
        traversal.setMapped(mapper::endpoints);
        mapper.start();
    }

    /** Begins to join one more namespace. */
    public void join(MembershipOptions options) throws ControlException {
        if (memberships.containsKey(options.name())) {
            throw new ControlException(
                    ControlException.Kind.FAILED, "this node is in " + options.name() + " already: p2pvpn status");
        }
        int channel = 1;
        while (channel <= CHANNELS_MAX && byChannel[channel] != null) {
            channel++;
        }
        if (channel > CHANNELS_MAX) {
            throw new ControlException(
                    ControlException.Kind.FAILED, "a node can be in 255 namespaces: leave one first");
        }
        Membership membership = new Membership(
                new MembershipHost(node, publicDht, identity, devices, channel), options, new Memberships());
        memberships.put(options.name(), membership);
        byChannel[channel] = membership;
        membership.start();
    }

    private void keepPeers() {
        if (!stopped) {
            knownPeers.keep(node.sessions().sessions());
            runtime.timers().schedule(KEEP_PEERS_NANOS, this::keepPeers);
        }
    }

    private void watchState() {
        if (!stopped) {
            change(node.isAlone() && calls ? NodeState.OFFLINE : NodeState.ONLINE);
        }
    }

    private void change(NodeState next) {
        if (state != next) {
            state = next;
            listener.onNodeState(next);
        }
    }

    // ----------------------------------------------------------------------- events

    private final class Sessions implements OverlayNode.SessionObserver {
        @Override
        public void onUp(Session session) {
            runtime.counters().counter("session.up").increment();
            listener.onPeerUp(session.nodeId().toString());
            onPathChanged(session);
        }

        @Override
        public void onDown(Session session, String reason) {
            runtime.counters().counter("session.down").increment();
            memberships.values().forEach(membership -> membership.onDown(session));
            listener.onPeerDown(session.nodeId().toString(), reason);
        }

        @Override
        public void onPathChanged(Session session) {
            Path active = session.activePath();
            if (active != null) {
                listener.onPath(
                        session.nodeId().toString(),
                        active.route().kind().name().toLowerCase(Locale.ROOT));
            }
        }

        @Override
        public void onPeerClock(Session session, long epochMillis) {
            clockWatch.onPeer(session.nodeId(), epochMillis);
            // Who was a member before goes on trying: the clock that is wrong may be that peer's.
            boolean newcomer = memberships.values().stream().anyMatch(Membership::isNewcomer);
            if (newcomer && clockWatch.isHopeless()) {
                joined.completeExceptionally(new ControlException(ControlException.Kind.FAILED, clockWatch.text()));
            }
        }

        @Override
        public void onIdentityInUse(Session session) {
            if (rivalry.onInUse(session.nodeId()) > 1) {
                yieldToOtherRun();
            } else {
                runtime.timers().schedule(SECOND_WITNESS_NANOS, NodeDaemon.this::yieldToOtherRun);
            }
        }

        @Override
        public void onRival(Session session, @Nullable Endpoint seenAt) {
            String line = rivalry.onRival(session.nodeId(), seenAt);
            if (line != null) {
                listener.onNotice(line);
            }
        }
    }

    private final class Memberships implements MembershipListener {
        @Override
        public void onChange(Membership membership) {
            Ring ring = membership.ring();
            if (ring != null) {
                serve(ring);
            }
            listener.onNamespace(Reports.namespace(membership));
            leaseEvents.onChange(membership);
            if (membership.state() == MembershipState.JOINED) {
                joined.complete(null);
            }
        }

        @Override
        public void onNotice(String line) {
            listener.onNotice(line);
        }

        @Override
        public void onOut(ControlException reason) {
            if (!joined.completeExceptionally(reason)) {
                listener.onNotice(String.valueOf(reason.getMessage()));
            }
        }

        @Override
        public void onFailed(Membership membership, ControlException reason) {
            String name = membership.options().name();
            forget(membership);
            Completions.whenDone(runtime.timers(), membership.close(membership.isNewcomer()), (done, failure) -> {
                if (!joined.completeExceptionally(reason)) {
                    listener.onFailed(name, reason);
                }
            });
        }
    }

    /** Whoever is a member goes on: peers could otherwise put it out by lying. */
    private void yieldToOtherRun() {
        joined.completeExceptionally(new ControlException(ControlException.Kind.FAILED, Rivalry.inUseText()));
    }

    @Nullable
    Membership byId(ByteString namespaceId) {
        for (Membership membership : memberships.values()) {
            var descriptor = membership.descriptor();
            if (descriptor != null
                    && namespaceId.equals(ByteString.copyFrom(descriptor.id().toByteArray()))) {
                return membership;
            }
        }
        return null;
    }

    // ----------------------------------------------------------------------- ending

    private void forget(Membership membership) {
        memberships.remove(membership.options().name());
        byChannel[membership.channel()] = null;
        leaseEvents.onEnd(membership);
    }

    /** Gives up lease and admission of a namespace. */
    public CompletableFuture<?> leave(Membership membership) {
        return membership.close(true).whenComplete((done, failure) -> forget(membership));
    }

    /**
     * Ends everything; sessions are closed when it completes.
     *
     * @param forGood gives up leases and admissions too
     */
    public CompletableFuture<?> stop(boolean forGood) {
        stopped = true;
        if (stateTimer != null) {
            stateTimer.cancel();
        }
        routeWatch.stop();
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (Membership membership : List.copyOf(memberships.values())) {
            closing.add(membership.close(forGood));
        }
        return CompletableFuture.allOf(closing.toArray(new CompletableFuture<?>[0]))
                .handle((done, failure) -> null)
                .thenCompose(
                        closed -> Completions.atMost(runtime.timers(), Membership.HAND_OVER_NANOS, publicDht.leave()))
                .handle((done, failure) -> {
                    traversal.close();
                    farLinks.close();
                    publicDht.close();
                    node.close();
                    return null;
                })
                .thenCompose(
                        closed -> portMapper == null ? CompletableFuture.completedFuture(null) : portMapper.close());
    }

    // ------------------------------------------------------------------------ facts

    /** The overlay below. */
    public OverlayNode node() {
        return node;
    }

    NodeRuntime runtime() {
        return runtime;
    }

    PunchBudget punchBudget() {
        return punchBudget;
    }

    /** What it finds out about, and does against, NAT boxes. */
    public NatTraversal traversal() {
        return traversal;
    }

    /** Why the active path of this session and no better one; null while it has none. */
    public @Nullable String pathReason(Session session) {
        Path active = session.activePath();
        return active == null ? null : traversal.reason(node.identity().nodeId(), session, active);
    }

    /** What maps our ports at the home router; null if nothing does. */
    @Nullable
    PortMapper portMapper() {
        return portMapper;
    }

    /** What crawls the rings of this node. */
    public Crawler crawler() {
        return crawler;
    }

    /** What it says of itself to members that ask. */
    OwnFacts facts() {
        return facts;
    }

    /** What applications ask other members. */
    MemberCalls memberCalls() {
        return memberCalls;
    }

    /** Streams to and from other members. */
    MemberStreams memberStreams() {
        return memberStreams;
    }

    /** A namespace as an application sees it. */
    public VpnNamespace namespace(String name) {
        return new VpnNamespace(runtime, this, name);
    }

    /** The DHT of the public ring. */
    public Dht publicDht() {
        return publicDht;
    }

    /** What people should know or mend. */
    public List<Health> health() {
        List<Health> health = new ArrayList<>(rivalry.health());
        health.addAll(clockWatch.health());
        health.addAll(routeWatch.health());
        health.addAll(EthernetWatch.health(memberships()));
        health.addAll(CertificateWatch.health(memberships(), runtime.clock().epochMillis()));
        if (state == NodeState.OFFLINE) {
            health.add(new Health(
                    "offline",
                    Severity.ERROR,
                    "no other node is reached: see p2pvpn netcheck, and whether the bootstrap nodes run; it goes on"
                            + " trying"));
        }
        String refusal = knownPeers.refusal();
        if (refusal != null) {
            health.add(new Health(
                    "state-not-written",
                    Severity.ERROR,
                    "the state directory cannot be written (" + refusal
                            + "): make room, or what this node learns is lost when it ends; it goes on trying"));
        }
        health.addAll(NetReports.health(this));
        return health;
    }

    NodeState state() {
        return state;
    }

    long uptimeNanos() {
        return runtime.clock().nanoTime() - startedNanos;
    }

    List<Membership> memberships() {
        return List.copyOf(memberships.values());
    }

    /** The membership of that name, or null. */
    public @Nullable Membership membership(String name) {
        return memberships.get(name);
    }

    /** Completes with the first membership (or the public ring, if no namespace was asked for). */
    public CompletableFuture<@Nullable Void> joined() {
        return joined;
    }
}

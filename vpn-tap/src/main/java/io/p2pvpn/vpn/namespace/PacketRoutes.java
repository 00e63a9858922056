package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.shortcuts.chota.ChotaKeeper;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.ForwardingTable;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.data.MisdirectedHandler;
import io.p2pvpn.vpn.data.PendingPackets;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.data.UnresolvedHandler;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.FlowTable;
import io.p2pvpn.vpn.rules.MemberGate;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which session leads to which virtual address, and which address a session's packets may come from: both decided by
 * the lease in the namespace's DHT, never by what a peer says. Confined to the node's loop.
 *
 * <p>A packet without a route waits while the address is looked up and a session is made, over the ring at first. A
 * packet from a member whose lease is not known yet waits while that is looked up.
 */
final class PacketRoutes implements UnresolvedHandler, MisdirectedHandler, ChotaKeeper.TrafficMeter {
    private static final int INBOUND_PER_PEER_MAX = 64;
    private static final int INBOUND_PEERS_MAX = 256;
    /** A little longer than the directory remembers, so that each look-up asks the replicas. */
    private static final long RECHECK_NANOS = 310_000_000_000L;

    private static final int FORMER_MAX = 256;
    /** As long as the directory takes a lease for granted. */
    private static final long FORMER_NANOS = 300_000_000_000L;

    /** What shows that somebody knows an old lease is acted on ten times a second at most. */
    private static final long REPAIR_NANOS = 100_000_000L;

    private static final int REPAIR_BURST = 10;

    /** Tells a member that it sent to an address that is not ours. */
    interface UnmappedTeller {
        void tell(Session member, int ipv4);
    }

    /** Says who a member is to the access rules, by its node and its lease. Called on the loop. */
    interface Parties {
        Party of(OverlayId nodeId, Lease lease);
    }

    /** Access rules, and this node as they see it. */
    private record Access(RuleSet rules, Party own) {}

    /** What a member held when it fell silent. */
    private record FormerLease(Lease lease, long sinceNanos) {}

    private final NodeRuntime runtime;
    private final Ring ring;
    private final Directory directory;
    private final long ulaHigh;
    private final UnmappedTeller teller;
    private final Parties parties;
    private final FlowTable flows = new FlowTable();
    private final ChotaKeeper chotas;
    private final ForwardingTable table = new ForwardingTable();
    private final PendingPackets pending;
    /** Leases by holder, of those whom we send to or hear from. */
    private final TreeMap<OverlayId, Lease> leases = new TreeMap<>();

    /** Leases of members that fell silent: the one that did so longest ago comes first, and gives way. */
    private final Map<OverlayId, FormerLease> former = new LinkedHashMap<>();

    /** Hashed: it is looked into whenever the packet at hand is another member's than the one before. */
    private final Map<OverlayId, MemberRoute> routes = new LinkedHashMap<>();

    private final TreeMap<OverlayId, ArrayDeque<HeldPacket>> waiting = new TreeMap<>();
    private final TokenBucket tellingRate;
    private final GuestRoutes guests;
    private final Timers.Timer lookTimer;
    private @Nullable DataPlane dataPlane;
    private @Nullable QueuePlanes queues;
    private Consumer<MemberRoute> onRoute = route -> {};
    private @Nullable Access access;
    private @Nullable Session lastSession;
    private @Nullable MemberRoute lastRoute;

    PacketRoutes(
            OverlayNode node,
            Ring ring,
            Directory directory,
            NamespaceDescriptor descriptor,
            UnmappedTeller teller,
            Parties parties) {
        this.runtime = node.runtime();
        this.ring = ring;
        this.directory = directory;
        this.ulaHigh = descriptor.ulaHigh();
        this.teller = teller;
        this.parties = parties;
        long now = runtime.clock().nanoTime();
        this.tellingRate = new TokenBucket(REPAIR_NANOS, REPAIR_BURST, now);
        this.guests = new GuestRoutes(runtime, directory, table, new Members());
        this.chotas = new ChotaKeeper(runtime, ring, node.links(), this);
        this.pending = new PendingPackets(runtime.counters());
        this.flows.tick(now);
        ring.onPeer(this::onPeer);
        this.lookTimer = runtime.timers().everySecond(this::look);
    }

    /** Leases outlive sessions, and sessions leases: an address that is used may have passed to another member. */
    private void look() {
        long now = runtime.clock().nanoTime();
        flows.tick(now);
        // Whose packets come next is marked as used again.
        lastSession = null;
        List<OverlayId> due = List.of();
        for (Map.Entry<OverlayId, MemberRoute> route : routes.entrySet()) {
            if (route.getValue().tunnel() instanceof SessionTunnel tunnel) {
                tunnel.lookForSilence();
                if (tunnel.isCheckDue(now, RECHECK_NANOS)) {
                    due = due.isEmpty() ? new ArrayList<>() : due;
                    due.add(route.getKey());
                }
            }
        }
        due.forEach(this::recheck);
        due.forEach(guests::recheck);
    }

    ForwardingTable table() {
        return table;
    }

    Ring ring() {
        return ring;
    }

    Directory directory() {
        return directory;
    }

    long nowNanos() {
        return runtime.clock().nanoTime();
    }

    /** Tells, from now on, of each route that there is anew. */
    void onRoute(Consumer<MemberRoute> newListener) {
        onRoute = newListener;
    }

    /** Packets go to and from these; both null: nowhere. */
    void setDataPlane(@Nullable DataPlane newDataPlane, @Nullable QueuePlanes newQueues) {
        dataPlane = newDataPlane;
        queues = newQueues;
        routes.values().forEach(this::tellQueues);
        guests.setDataPlane(newDataPlane, newQueues);
    }

    /**
     * Has packets from members judged by these rules, from the next one on; also those of flows that members have
     * begun already. To be called anew when a member's name or role, or our own, has changed.
     *
     * @param rules null for none: everything passes
     * @param own this node as the rules see it
     */
    void setRules(@Nullable RuleSet rules, Party own) {
        access = rules == null ? null : new Access(rules, own);
        for (MemberRoute route : routes.values()) {
            route.gate().setRules(rules, own);
        }
        if (rules == null) {
            flows.clear();
        }
    }

    private MemberGate gateOf(Lease lease) {
        OverlayId nodeId = lease.holder().nodeId();
        MemberGate gate = new MemberGate(nodeId, () -> parties.of(nodeId, lease), flows);
        if (access != null) {
            gate.setRules(access.rules(), access.own());
        }
        return gate;
    }

    /** How packets of that lease's holder are judged; the route, too, if there is one. */
    MemberRoute routeOf(Lease lease) {
        MemberRoute known = routes.get(lease.holder().nodeId());
        return known != null && known.ipv4() == lease.ipv4()
                ? known
                : new MemberRoute(NoTunnel.NONE, lease.ipv4(), ulaHigh, gateOf(lease));
    }

    private void tellQueues(MemberRoute route) {
        if (queues != null && route.tunnel() instanceof SessionTunnel tunnel) {
            queues.put(tunnel, route);
        }
    }

    private void takeFromQueues(MemberRoute route) {
        if (queues != null && route.tunnel() instanceof SessionTunnel tunnel) {
            queues.remove(tunnel, route);
        }
    }

    // ------------------------------------------------------------------- outbound

    @Override
    public void onUnresolved(int destination, byte[] buffer, int length) {
        pending.add(destination, Arrays.copyOf(buffer, length));
        reach(destination);
    }

    /** Finds a way to that address, for those who wait for its route. */
    void reach(int destination) {
        Completions.whenDone(runtime.timers(), directory.lease(destination), (lease, failure) -> {
            if (failure != null || lease.isEmpty()) {
                count("no-lease");
                reject(destination);
            } else if (lease.get().isGuest() && !lease.get().place().equals(ring.self())) {
                guests.connect(lease.get());
            } else {
                connect(lease.get());
            }
        });
    }

    private void reject(int destination) {
        if (dataPlane != null) {
            pending.reject(destination, dataPlane);
        }
    }

    private void connect(Lease lease) {
        OverlayId nodeId = lease.holder().nodeId();
        OverlayId ringId = lease.place();
        if (ringId.equals(ring.self())) {
            reject(lease.ipv4());
            return;
        }
        leases.put(nodeId, lease);
        RingPeer peer = ring.peer(ringId);
        if (peer != null) {
            install(peer, lease);
            return;
        }
        chotas.onTraffic(new Contact(ringId, lease.holder(), List.of()));
        Completions.whenDone(runtime.timers(), directory.member(ringId), (member, failure) -> {
            if (failure == null && member.isPresent() && ring.peer(ringId) == null) {
                List<Endpoint> endpoints = Endpoints.decode(member.get().getEndpoints());
                chotas.onTraffic(new Contact(ringId, lease.holder(), endpoints));
            }
        });
    }

    private void install(RingPeer peer, Lease lease) {
        OverlayId nodeId = peer.session().nodeId();
        SessionTunnel tunnel = new SessionTunnel(
                peer.session(), peer.channel(), runtime.clock().nanoTime());
        MemberRoute route = new MemberRoute(tunnel, lease.ipv4(), ulaHigh, gateOf(lease));
        MemberRoute before = routes.put(nodeId, route);
        if (before != null) {
            takeFromQueues(before);
            if (before.ipv4() != route.ipv4() && before.equals(table.get(before.ipv4()))) {
                table.remove(before.ipv4());
            }
        }
        // Whoever had the address before has it no more.
        routes.entrySet().removeIf(other -> {
            boolean had =
                    other.getValue().ipv4() == route.ipv4() && !other.getKey().equals(nodeId);
            if (had) {
                takeFromQueues(other.getValue());
            }
            return had;
        });
        table.put(route);
        tellQueues(route);
        lastSession = null;
        onRoute.accept(route);
        if (dataPlane != null) {
            pending.drain(lease.ipv4(), dataPlane);
        }
        guests.install(nodeId, route);
        if (dataPlane != null) {
            ArrayDeque<HeldPacket> held = waiting.remove(nodeId);
            if (held != null) {
                for (HeldPacket packet : held) {
                    packet.deliver(dataPlane, route);
                }
                dataPlane.onBatchEnd();
            }
        }
    }

    @Override
    public boolean wasUsed(OverlayId nodeId) {
        MemberRoute route = routes.get(nodeId);
        return route != null && route.tunnel() instanceof SessionTunnel tunnel && tunnel.wasUsed();
    }

    // -------------------------------------------------------------------- inbound

    /** A packet of this namespace came over {@code session}. */
    void onPacket(Session session, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        MemberRoute route = session == lastSession ? lastRoute : routes.get(session.nodeId());
        if (route != null && dataPlane != null) {
            if (lastSession != session && route.tunnel() instanceof SessionTunnel tunnel) {
                tunnel.markUsed();
            }
            lastSession = session;
            lastRoute = route;
            dataPlane.onPacket(route, kind, buffer, offset, length, trafficClass);
        } else if (ring.peer(session) == null) {
            count("not-a-member");
        } else {
            hold(session, new HeldPacket(kind, buffer, offset, length, trafficClass));
        }
    }

    private void hold(Session session, HeldPacket packet) {
        Integer source = packet.source(ulaHigh);
        OverlayId nodeId = session.nodeId();
        boolean known = waiting.containsKey(nodeId);
        if (source == null || (!known && waiting.size() >= INBOUND_PEERS_MAX)) {
            count("source");
            return;
        }
        ArrayDeque<HeldPacket> queue = waiting.computeIfAbsent(nodeId, unused -> new ArrayDeque<>());
        if (queue.size() >= INBOUND_PER_PEER_MAX) {
            queue.poll();
            count("waiting");
        }
        queue.add(packet);
        if (!known) {
            Completions.whenDone(
                    runtime.timers(),
                    directory.lease(source),
                    (lease, failure) -> onSource(session, failure == null ? lease : Optional.empty()));
        }
    }

    private void onSource(Session session, Optional<Lease> lease) {
        boolean holds = lease.isPresent() && lease.get().holder().nodeId().equals(session.nodeId());
        if (holds && lease.get().isGuest() && guests.learn(lease.get())) {
            Completions.whenDone(
                    runtime.timers(),
                    directory.lease(lease.get().memberIpv4()),
                    (own, failure) -> onOwn(session, failure == null ? own : Optional.empty()));
            return;
        }
        onOwn(session, lease);
    }

    private void onOwn(Session session, Optional<Lease> lease) {
        RingPeer peer = ring.peer(session);
        boolean holds = lease.isPresent()
                && !lease.get().isGuest()
                && lease.get().holder().nodeId().equals(session.nodeId());
        if (peer != null && holds && !routes.containsKey(session.nodeId())) {
            leases.put(session.nodeId(), lease.get());
            install(peer, lease.get());
        } else if (waiting.remove(session.nodeId()) != null) {
            count("source");
        }
    }

    /** The IPv4 address that a packet's sender must hold; null if the packet is none of this namespace. */
    @Nullable
    Integer sourceOf(byte[] packet) {
        return HeldPacket.sourceOf(packet, ulaHigh);
    }

    // --------------------------------------------------------------- repair of leases

    @Override
    public void onNotOurs(MemberRoute from, int destination) {
        if (from.tunnel() instanceof SessionTunnel tunnel
                && tellingRate.tryTake(runtime.clock().nanoTime())) {
            runtime.counters().counter("lease.unmapped.sent").increment();
            teller.tell(tunnel.session(), destination);
        }
    }

    /** The member says that it does not hold the address that we send it packets for. */
    void onUnmapped(Session from, int ipv4) {
        MemberRoute route = routes.get(from.nodeId());
        if (route != null && route.ipv4() == ipv4) {
            runtime.counters().counter("lease.unmapped.received").increment();
            removeRoute(from.nodeId());
        } else if (!guests.onUnmapped(from.nodeId(), ipv4)) {
            runtime.counters().counter("lease.drop.unmapped").increment();
        }
    }

    @Override
    public boolean onNotTheirs(
            MemberRoute from, int source, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        return guests.hold(from, source, kind, buffer, offset, length, trafficClass);
    }

    /** What ways to guests need of this. */
    private final class Members implements GuestRoutes.Members {
        @Override
        public @Nullable MemberRoute route(OverlayId nodeId) {
            return routes.get(nodeId);
        }

        @Override
        public void connect(Lease own) {
            PacketRoutes.this.connect(own);
        }

        @Override
        public void drain(int ipv4) {
            MemberRoute route = table.get(ipv4);
            if (route != null) {
                onRoute.accept(route);
            }
            if (dataPlane != null) {
                pending.drain(ipv4, dataPlane);
            }
        }

        @Override
        public void reject(int ipv4) {
            PacketRoutes.this.reject(ipv4);
        }

        @Override
        public void onMoved(Session session, Lease lease, MemberRoute before) {
            RingPeer peer = ring.peer(session);
            if (peer != null) {
                runtime.counters().counter("lease.moved").increment();
                leases.put(session.nodeId(), lease);
                install(peer, lease);
            }
        }
    }

    // --------------------------------------------------------------------- events

    private void onPeer(RingPeer peer) {
        OverlayId nodeId = peer.session().nodeId();
        FormerLease before = former.remove(nodeId);
        Lease lease = leases.get(nodeId);
        if (lease != null) {
            install(peer, lease);
            return;
        }
        if (before != null && runtime.clock().nanoTime() - before.sinceNanos() < FORMER_NANOS) {
            // It was away for a moment: its packets need not wait until the replicas have said so once more.
            leases.put(nodeId, before.lease());
            install(peer, before.lease());
            directory.forget(before.lease().ipv4());
            recheck(nodeId);
            return;
        }
        Integer hint = MemberNotes.ipv4(peer.note());
        if (hint != null && ring.isJoined()) {
            // What it says is a hint where to look; the replicas decide.
            Completions.whenDone(runtime.timers(), directory.lease(hint), (found, failure) -> {
                boolean holds = failure == null
                        && found.isPresent()
                        && !found.get().isGuest()
                        && found.get().holder().nodeId().equals(nodeId);
                if (holds && peer.equals(ring.peer(peer.session())) && !routes.containsKey(nodeId)) {
                    leases.put(nodeId, found.get());
                    install(peer, found.get());
                }
            });
        }
    }

    void onDown(Session session) {
        OverlayId nodeId = session.nodeId();
        waiting.remove(nodeId);
        // It may come back at another address.
        MemberRoute route = routes.get(nodeId);
        Lease lease = leases.get(nodeId);
        if (lease != null) {
            directory.forgetMember(lease.place());
        }
        if (lease != null && route != null && session.isSilent()) {
            former.put(nodeId, new FormerLease(lease, runtime.clock().nanoTime()));
            if (former.size() > FORMER_MAX) {
                former.remove(former.keySet().iterator().next());
            }
        }
        removeRoute(nodeId);
        if (dataPlane != null && route != null && route.tunnel() instanceof SessionTunnel tunnel) {
            tunnel.takeUnheard().forEach(packet -> sendAgain(dataPlane, packet));
            dataPlane.flush();
        }
    }

    /** What went into a session that was dead already goes once more, by whichever way there is now. */
    private void sendAgain(DataPlane plane, byte[] sealed) {
        int length = sealed.length - Frame.PREFIX_BYTES;
        byte[] packet = new byte[VnetHeader.LENGTH + length];
        System.arraycopy(sealed, Frame.PREFIX_BYTES, packet, VnetHeader.LENGTH, length);
        IpPacket parsed = new IpPacket();
        if (parsed.parse(packet, VnetHeader.LENGTH, length)) {
            if (sealed[0] == DataPlane.KIND_PARTIAL) {
                int start = parsed.transportOffset() - VnetHeader.LENGTH;
                VnetHeader.writePartial(packet, 0, start, parsed.checksumOffset());
            }
            runtime.counters().counter("data.sent.again").increment();
            plane.inject(packet);
        }
    }

    /** The member behind this session is none any more: nothing goes to it or is taken from it. */
    void onPutOut(Session session) {
        waiting.remove(session.nodeId());
        former.remove(session.nodeId());
        removeRoute(session.nodeId());
    }

    private void recheck(OverlayId nodeId) {
        MemberRoute route = routes.get(nodeId);
        if (route != null) {
            Completions.whenDone(runtime.timers(), directory.lease(route.ipv4()), (lease, failure) -> {
                boolean passed = failure == null
                        && lease.isPresent()
                        && !lease.get().holder().nodeId().equals(nodeId);
                if (passed && route.equals(routes.get(nodeId))) {
                    count("lease-passed");
                    removeRoute(nodeId);
                }
            });
        }
    }

    private void removeRoute(OverlayId nodeId) {
        MemberRoute route = routes.remove(nodeId);
        leases.remove(nodeId);
        lastSession = null;
        guests.onRemoved(nodeId, route);
        if (route != null) {
            takeFromQueues(route);
        }
        if (route != null && route.equals(table.get(route.ipv4()))) {
            table.remove(route.ipv4());
            directory.forget(route.ipv4());
        }
    }

    void onLinkFailed(OverlayId nodeId) {
        Lease lease = leases.remove(nodeId);
        if (lease != null && !routes.containsKey(nodeId)) {
            directory.forget(lease.ipv4());
            directory.forgetMember(lease.place());
            reject(lease.ipv4());
            guests.onNoWay(nodeId);
        }
    }

    /** The address of the member behind this session, as its lease says; null while that is not known. */
    @Nullable
    Integer addressOf(OverlayId nodeId) {
        MemberRoute route = routes.get(nodeId);
        return route == null ? null : route.ipv4();
    }

    void close() {
        lookTimer.cancel();
        chotas.close();
    }

    private void count(String reason) {
        runtime.counters().counter("data.drop." + reason).increment();
    }
}

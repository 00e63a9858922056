package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.ForwardingTable;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.data.TokenBucket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Ways to and from guests: machines behind a member's TAP device, whose addresses are leased to that member beside its
 * own. They share its session, and what it may send to us. Packets from an address that is not known as the sender's
 * wait while it is looked up. Confined to the node's loop.
 */
final class GuestRoutes {
    /** Guests of a member to whom there are ways. */
    static final int GUESTS_PER_MEMBER_MAX = 64;

    /** Members to whose guests there are ways. */
    static final int MEMBERS_MAX = 4096;

    static final int WAITING_PER_ADDRESS_MAX = 16;
    static final int WAITING_ADDRESSES_MAX = 64;

    /** What shows that somebody's address is not known is acted on ten times a second at most. */
    private static final long LOOK_NANOS = 100_000_000L;

    private static final int LOOK_BURST = 10;

    /** What it needs of the ways to members. */
    interface Members {
        /** The way to the member itself; null if there is none now. */
        @Nullable
        MemberRoute route(OverlayId nodeId);

        /** Makes a way to the member, by its own lease. */
        void connect(Lease own);

        /** There is a way to that address now: what waits for it can go. */
        void drain(int ipv4);

        /** There is none: what waits for it is refused. */
        void reject(int ipv4);

        /** The member has changed its own address. */
        void onMoved(Session session, Lease lease, MemberRoute before);
    }

    /** Whose packets wait, and from which address: those of another must not pass with them. */
    private record Sender(OverlayId nodeId, int source) implements Comparable<Sender> {
        @Override
        public int compareTo(Sender other) {
            int order = nodeId.compareTo(other.nodeId);
            return order != 0 ? order : Integer.compare(source, other.source);
        }
    }

    private final NodeRuntime runtime;
    private final Directory directory;
    private final ForwardingTable table;
    private final Members members;
    private final TokenBucket lookRate;
    /** Guests' leases, by the member that holds them, then by address. */
    private final TreeMap<OverlayId, TreeMap<Integer, Lease>> leases = new TreeMap<>();

    private final TreeMap<Sender, ArrayDeque<HeldPacket>> waiting = new TreeMap<>();
    private @Nullable DataPlane dataPlane;
    private @Nullable QueuePlanes queues;

    GuestRoutes(NodeRuntime runtime, Directory directory, ForwardingTable table, Members members) {
        this.runtime = runtime;
        this.directory = directory;
        this.table = table;
        this.members = members;
        this.lookRate = new TokenBucket(LOOK_NANOS, LOOK_BURST, runtime.clock().nanoTime());
    }

    /** Packets go to and from these; both null: nowhere. */
    void setDataPlane(@Nullable DataPlane newDataPlane, @Nullable QueuePlanes newQueues) {
        dataPlane = newDataPlane;
        queues = newQueues;
        leases.forEach((nodeId, guests) -> {
            MemberRoute own = members.route(nodeId);
            for (int ipv4 : guests.keySet()) {
                MemberRoute route = table.get(ipv4);
                if (own != null && route != null && route.isOfSameMember(own)) {
                    tellQueues(route);
                }
            }
        });
    }

    private void tellQueues(MemberRoute route) {
        if (queues != null && route.tunnel() instanceof SessionTunnel tunnel) {
            queues.putGuest(tunnel, route);
        }
    }

    // ------------------------------------------------------------------- outbound

    /** Somebody wants to send to a guest: by the way to the member that it stands behind. */
    void connect(Lease guest) {
        OverlayId nodeId = guest.holder().nodeId();
        if (!learn(guest)) {
            members.reject(guest.ipv4());
            return;
        }
        MemberRoute own = members.route(nodeId);
        if (own != null) {
            install(nodeId, own);
            return;
        }
        Completions.whenDone(runtime.timers(), directory.lease(guest.memberIpv4()), (found, failure) -> {
            boolean right = failure == null && found.isPresent() && isOwnOf(found.get(), nodeId);
            if (right) {
                members.connect(found.get());
            } else {
                forget(nodeId, guest.ipv4());
                members.reject(guest.ipv4());
            }
        });
    }

    private static boolean isOwnOf(Lease lease, OverlayId nodeId) {
        return !lease.isGuest() && lease.holder().nodeId().equals(nodeId);
    }

    /** Remembers whose guest has that address; false if the member has too many. */
    boolean learn(Lease guest) {
        OverlayId nodeId = guest.holder().nodeId();
        leases.forEach((other, guests) -> {
            if (!other.equals(nodeId)) {
                guests.remove(guest.ipv4());
            }
        });
        leases.values().removeIf(TreeMap::isEmpty);
        if (leases.size() >= MEMBERS_MAX && !leases.containsKey(nodeId)) {
            return false;
        }
        TreeMap<Integer, Lease> guests = leases.computeIfAbsent(nodeId, unused -> new TreeMap<>());
        if (guests.size() >= GUESTS_PER_MEMBER_MAX && !guests.containsKey(guest.ipv4())) {
            return false;
        }
        guests.put(guest.ipv4(), guest);
        return true;
    }

    private void forget(OverlayId nodeId, int ipv4) {
        TreeMap<Integer, Lease> guests = leases.get(nodeId);
        if (guests != null && guests.remove(ipv4) != null && guests.isEmpty()) {
            leases.remove(nodeId);
        }
    }

    /** There is a way to that member now: it leads to its guests as well. */
    void install(OverlayId nodeId, MemberRoute own) {
        for (int ipv4 : leases.getOrDefault(nodeId, new TreeMap<>()).keySet()) {
            MemberRoute before = table.get(ipv4);
            boolean known = before != null && before.tunnel() == own.tunnel();
            if (!known && ipv4 != own.ipv4()) {
                MemberRoute route = new MemberRoute(own.tunnel(), ipv4, own.ulaHigh(), own.gate());
                table.put(route);
                tellQueues(route);
                members.drain(ipv4);
            }
        }
    }

    // -------------------------------------------------------------------- inbound

    /**
     * A member sent a packet from an address that is not known as one of its own; it may be a guest's, or its new own.
     *
     * @return true if the packet waits for the look-up
     */
    boolean hold(MemberRoute from, int source, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        if (!(from.tunnel() instanceof SessionTunnel tunnel)) {
            return false;
        }
        Sender sender = new Sender(tunnel.session().nodeId(), source);
        ArrayDeque<HeldPacket> queue = waiting.get(sender);
        if (queue == null) {
            boolean may = waiting.size() < WAITING_ADDRESSES_MAX
                    && lookRate.tryTake(runtime.clock().nanoTime());
            if (!may) {
                return false;
            }
            queue = new ArrayDeque<>();
            waiting.put(sender, queue);
            look(from, tunnel.session(), sender);
        }
        if (queue.size() >= WAITING_PER_ADDRESS_MAX) {
            return false;
        }
        queue.add(new HeldPacket(kind, buffer, offset, length, trafficClass));
        return true;
    }

    private void look(MemberRoute from, Session session, Sender sender) {
        directory.forget(sender.source());
        Completions.whenDone(
                runtime.timers(),
                directory.lease(sender.source()),
                (lease, failure) -> onSource(from, session, sender, failure == null ? lease : Optional.empty()));
    }

    private void onSource(MemberRoute from, Session session, Sender sender, Optional<Lease> found) {
        ArrayDeque<HeldPacket> held = waiting.remove(sender);
        boolean theirs = found.isPresent()
                && found.get().holder().nodeId().equals(sender.nodeId())
                && from.equals(members.route(sender.nodeId()));
        if (!theirs) {
            runtime.counters().counter("data.drop.source").add(held == null ? 0 : held.size());
            return;
        }
        Lease lease = found.get();
        if (!lease.isGuest()) {
            members.onMoved(session, lease, from);
        } else if (learn(lease)) {
            install(sender.nodeId(), from);
        }
        MemberRoute own = members.route(sender.nodeId());
        if (own != null && dataPlane != null && held != null && table.get(sender.source()) != null) {
            for (HeldPacket each : held) {
                each.deliver(dataPlane, own);
            }
            dataPlane.onBatchEnd();
        }
    }

    // --------------------------------------------------------------------- ending

    /** The member says that it has no such guest; false if we thought of none. */
    boolean onUnmapped(OverlayId nodeId, int ipv4) {
        TreeMap<Integer, Lease> guests = leases.get(nodeId);
        if (guests == null || !guests.containsKey(ipv4)) {
            return false;
        }
        forget(nodeId, ipv4);
        remove(ipv4, members.route(nodeId));
        return true;
    }

    /** The way to the member is no more: none of its guests is known, until somebody looks them up. */
    void onRemoved(OverlayId nodeId, @Nullable MemberRoute own) {
        Map<Integer, Lease> guests = leases.remove(nodeId);
        if (guests != null) {
            guests.keySet().forEach(ipv4 -> remove(ipv4, own));
        }
    }

    /** No way to the member was found. */
    void onNoWay(OverlayId nodeId) {
        Map<Integer, Lease> guests = leases.remove(nodeId);
        if (guests != null) {
            guests.keySet().forEach(ipv4 -> {
                directory.forget(ipv4);
                members.reject(ipv4);
            });
        }
    }

    private void remove(int ipv4, @Nullable MemberRoute own) {
        MemberRoute route = table.get(ipv4);
        if (route != null && own != null && route.isOfSameMember(own)) {
            table.remove(ipv4);
            directory.forget(ipv4);
            if (queues != null && route.tunnel() instanceof SessionTunnel tunnel) {
                queues.removeGuest(tunnel, route);
            }
        }
    }

    /** Looks whether these still hold what they held: addresses of guests pass to others, too. */
    void recheck(OverlayId nodeId) {
        for (int ipv4 : List.copyOf(leases.getOrDefault(nodeId, new TreeMap<>()).keySet())) {
            Completions.whenDone(runtime.timers(), directory.lease(ipv4), (lease, failure) -> {
                boolean passed = failure == null
                        && (lease.isEmpty() || !lease.get().holder().nodeId().equals(nodeId));
                if (passed) {
                    onUnmapped(nodeId, ipv4);
                }
            });
        }
    }
}

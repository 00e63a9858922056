package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a ring that we know: those with a session, and contacts that were named to us. Confined to the node's
 * loop.
 *
 * <p>Successors and predecessors are derived from live direct sessions with members, never from hearsay: nobody is
 * adopted as a neighbour who has not been spoken to (Zave, rule 4 of research on correct Chord).
 */
class NeighbourTable {
    /** Neighbours on each side. */
    static final int NEAR = 4;
    /** Peers on each side that may count us among their neighbours, even if they know less of those between than we. */
    static final int NEARBY = 3 * NEAR;

    /** Members behind the neighbours on each side whose addresses are known in advance. */
    static final int SPARE = 2;

    /** Contacts without a session; the ones farthest from us give way. */
    static final int CONTACTS_MAX = 64;

    private static final int SIZE_MAX = 1_000_000_000;
    private static final long FAILED_NANOS = 15_000_000_000L;
    private static final long LEFT_NANOS = 3_000_000_000L;

    /** One run of a member's process that is not to be called for a while. */
    private record Exclusion(long bootId, long untilNanos) {}

    private final OverlayId self;
    private final Circle<RingPeer> peers = new Circle<>();
    /** Looked up only, never iterated: sessions have no order. */
    private final Map<Session, RingPeer> bySession = new LinkedHashMap<>();

    private final Circle<Contact> contacts = new Circle<>();
    /** The one excluded longest ago comes first, and gives way. */
    private final Map<OverlayId, Exclusion> excluded = new LinkedHashMap<>();

    /** Contacts whose session is over: called again, but nobody counts on them. */
    private final TreeSet<OverlayId> suspects = new TreeSet<>();

    NeighbourTable(OverlayId self) {
        this.self = self;
    }

    List<RingPeer> peers() {
        return peers.values();
    }

    @Nullable
    RingPeer peer(OverlayId id) {
        return peers.get(id);
    }

    @Nullable
    RingPeer peer(Session session) {
        return bySession.get(session);
    }

    void add(RingPeer peer) {
        RingPeer before = peers.put(peer.id(), peer);
        if (before != null) {
            bySession.remove(before.session(), before);
        }
        bySession.put(peer.session(), peer);
        excluded.remove(peer.id());
        suspects.remove(peer.id());
    }

    /** The peer of a session that is over, now remembered as a contact only. */
    @Nullable
    RingPeer remove(Session session) {
        RingPeer peer = peer(session);
        if (peer != null) {
            bySession.remove(session);
            peers.remove(peer.id());
            if (peer.isJoined() && add(peer.contact())) {
                suspects.add(peer.id());
            }
        }
        return peer;
    }

    /**
     * Remembers a contact: true if there is room for it. Whoever has told where it stands needs no contact; but before
     * its first word, being named by others is what we know of it.
     */
    boolean add(Contact contact) {
        RingPeer peer = peers.get(contact.ringId());
        if (contact.ringId().equals(self) || (peer != null && (peer.isJoined() || peer.isJoiner()))) {
            return false;
        }
        contacts.put(contact.ringId(), contact);
        if (contacts.size() > CONTACTS_MAX) {
            OverlayId farthest = contacts.id(0);
            for (int i = 1; i < contacts.size(); i++) {
                OverlayId id = contacts.id(i);
                if (self.ringDistanceTo(id).compareTo(self.ringDistanceTo(farthest)) > 0) {
                    farthest = id;
                }
            }
            contacts.remove(farthest);
            suspects.remove(farthest);
        }
        return contacts.contains(contact.ringId());
    }

    /** A peer has told where it stands: no contact says it better. */
    void onTold(RingPeer peer) {
        contacts.remove(peer.id());
        suspects.remove(peer.id());
    }

    @Nullable
    Contact contact(OverlayId id) {
        return contacts.get(id);
    }

    /** Nobody answered there: not tried again for a while. */
    void onFailed(OverlayId id, long nowNanos) {
        Contact called = contacts.get(id);
        RingPeer silent = peers.get(id);
        long peerBootId = silent == null ? Contact.ANY_BOOT : silent.session().remoteBootId();
        exclude(id, called == null ? peerBootId : called.bootId(), nowNanos + FAILED_NANOS);
    }

    /** It is no member any more: those who have not heard of that may still name it for a moment. */
    void onLeft(RingPeer peer, long nowNanos) {
        if (peers.get(peer.id()) == peer) {
            peers.remove(peer.id());
        }
        bySession.remove(peer.session(), peer);
        exclude(peer.id(), peer.session().remoteBootId(), nowNanos + LEFT_NANOS);
    }

    private void exclude(OverlayId id, long bootId, long untilNanos) {
        contacts.remove(id);
        suspects.remove(id);
        excluded.remove(id);
        excluded.put(id, new Exclusion(bootId, untilNanos));
        if (excluded.size() > CONTACTS_MAX) {
            excluded.remove(excluded.keySet().iterator().next());
        }
    }

    /** True if this member, whichever run of its process is meant, is not to be called now. */
    boolean hasFailed(OverlayId id, long nowNanos) {
        Exclusion exclusion = excluded.get(id);
        if (exclusion != null && exclusion.untilNanos() - nowNanos <= 0) {
            excluded.remove(id);
            return false;
        }
        return exclusion != null;
    }

    /**
     * True if the run of the member's process that the contact names is not to be called now. One that has restarted
     * since is another matter: whoever names it has spoken to it.
     */
    boolean hasFailed(Contact contact, long nowNanos) {
        Exclusion exclusion = hasFailed(contact.ringId(), nowNanos) ? excluded.get(contact.ringId()) : null;
        return exclusion != null
                && (contact.bootId() == Contact.ANY_BOOT
                        || exclusion.bootId() == Contact.ANY_BOOT
                        || contact.bootId() == exclusion.bootId());
    }

    boolean isKnown(OverlayId id) {
        return id.equals(self) || peers.contains(id) || contacts.contains(id);
    }

    /** Linked members, nearest first, clockwise or counter-clockwise. */
    List<RingPeer> near(boolean clockwise) {
        List<RingPeer> near = new ArrayList<>(NEAR);
        int place = peers.lowerBound(self);
        for (int k = 0; k < peers.size() && near.size() < NEAR; k++) {
            RingPeer peer = peers.value(peers.around(place, k, clockwise));
            if (peer.isEdge()) {
                near.add(peer);
            }
        }
        return near;
    }

    /** True if fewer than {@link #NEARBY} peers stand between us and that peer, on one side or the other. */
    boolean isAmongNearest(OverlayId id) {
        int ours = peers.lowerBound(self);
        int its = peers.lowerBound(id);
        // We are not among the peers, and it is: those ahead of us begin at our place, those behind end before it.
        int between = its >= ours ? its - ours : ours - 1 - its;
        return Math.min(between, peers.size() - 1 - between) < NEARBY;
    }

    /**
     * IDs that should be our neighbours on one side, nearest first: up to the fourth that is linked. Who is not linked
     * takes nobody's place, be it that it was only named or that its session is over (a suspect); but no more than four
     * of the first kind are wanted at a time, and if there are more, those that are linked nevertheless: naming costs
     * nothing.
     */
    List<OverlayId> wanted(boolean clockwise) {
        List<OverlayId> wanted = new ArrayList<>(NEAR);
        int linked = 0;
        int named = 0;
        Walk walk = new Walk(clockwise);
        OverlayId at = walk.next();
        while (at != null && linked < NEAR) {
            RingPeer peer = peers.get(at);
            if (peer != null && peer.isEdge()) {
                linked++;
                wanted.add(at);
            } else if (suspects.contains(at)) {
                wanted.add(at);
            } else if (named < NEAR) {
                named++;
                wanted.add(at);
            }
            at = walk.next();
        }
        return wanted;
    }

    /** Those of the wanted ones whose session is not over: what a newcomer takes for its list. */
    List<Contact> trusted(boolean clockwise) {
        List<Contact> trusted = new ArrayList<>();
        for (OverlayId id : wanted(clockwise)) {
            RingPeer peer = peers.get(id);
            Contact contact = peer != null ? peer.contact() : contacts.get(id);
            if (contact != null && !suspects.contains(id)) {
                trusted.add(contact);
            }
        }
        return trusted;
    }

    /**
     * The ID that should be our first neighbour on one side, or null. Suspects count: one that restarted is back long
     * before its place could be given away.
     */
    @Nullable
    OverlayId first(boolean clockwise) {
        return new Walk(clockwise).next();
    }

    /** The contacts and joined peers, one by one, on the way once around from us. */
    private final class Walk {
        private final boolean clockwise;
        private final int peerPlace = peers.lowerBound(self);
        private final int contactPlace = contacts.lowerBound(self);
        private int peersPassed;
        private int contactsPassed;

        Walk(boolean clockwise) {
            this.clockwise = clockwise;
        }

        /** The next one, or null. */
        @Nullable
        OverlayId next() {
            OverlayId peer = nextPeer();
            OverlayId contact = contactsPassed < contacts.size()
                    ? contacts.id(contacts.around(contactPlace, contactsPassed, clockwise))
                    : null;
            boolean isBoth = contact != null && contact.equals(peer);
            boolean isPeer = contact == null || (peer != null && (isBoth || comesFirst(peer, contact)));
            peersPassed += isPeer ? 1 : 0;
            contactsPassed += isPeer && !isBoth ? 0 : 1;
            return isPeer ? peer : contact;
        }

        private @Nullable OverlayId nextPeer() {
            while (peersPassed < peers.size()) {
                RingPeer peer = peers.value(peers.around(peerPlace, peersPassed, clockwise));
                if (peer.isJoined()) {
                    return peer.id();
                }
                peersPassed++;
            }
            return null;
        }

        private boolean comesFirst(OverlayId one, OverlayId other) {
            return clockwise ? one.isBetween(self, other) : one.isBetween(other, self);
        }
    }

    /** Tells of an ID whether it would be among the first neighbours on one side, as the table is now. */
    Predicate<OverlayId> nearness() {
        List<OverlayId> ahead = wanted(true);
        List<OverlayId> behind = wanted(false);
        return id -> isWithin(id, ahead, NEAR, true) || isWithin(id, behind, NEAR, false);
    }

    /**
     * The same for the neighbours and the {@link #SPARE} behind them: known in advance, they are called at once when a
     * neighbour is gone, and our list leaves nobody out until somebody names them again.
     */
    Predicate<OverlayId> nearnessWithSpares() {
        List<OverlayId> ahead = known(true);
        List<OverlayId> behind = known(false);
        return nearness()
                .or(id -> isWithin(id, ahead, NEAR + SPARE, true) || isWithin(id, behind, NEAR + SPARE, false));
    }

    private List<OverlayId> known(boolean clockwise) {
        List<OverlayId> known = new ArrayList<>(NEAR + SPARE);
        Walk walk = new Walk(clockwise);
        OverlayId at = walk.next();
        while (at != null && known.size() < NEAR + SPARE) {
            known.add(at);
            at = walk.next();
        }
        return known;
    }

    private boolean isWithin(OverlayId id, List<OverlayId> nearest, int full, boolean clockwise) {
        if (nearest.size() < full || nearest.contains(id)) {
            return true;
        }
        OverlayId last = nearest.get(nearest.size() - 1);
        return clockwise ? id.isBetween(self, last) : id.isBetween(last, self);
    }

    /** The routing edge nearest to a position, or null. */
    @Nullable
    RingPeer nearestEdge(OverlayId position) {
        return nearestEdge(position, null);
    }

    /** The routing edge nearest to a position, {@code except} left out, or null. */
    @Nullable
    RingPeer nearestEdge(OverlayId position, @Nullable OverlayId except) {
        return Greedy.nearest(peers, position, peer -> !peer.id().equals(except) && peer.isEdge());
    }

    /** Of the routing edges that are nearer to a position than we are, {@code except} left out, the second; or null. */
    @Nullable
    RingPeer secondTowards(OverlayId position, @Nullable OverlayId except) {
        RingPeer first = nearestEdge(position, except);
        RingPeer second = first == null
                ? null
                : Greedy.nearest(
                        peers, position, peer -> peer != first && !peer.id().equals(except) && peer.isEdge());
        return second != null && Greedy.isNearer(second.id(), self, position) ? second : null;
    }

    /** The routing edges that are nearer to a position than we are, nearest first. */
    List<RingPeer> edgesTowards(OverlayId position) {
        OverlayId ours = position.ringDistanceTo(self);
        List<RingPeer> edges = new ArrayList<>();
        for (RingPeer peer : peers.values()) {
            if (peer.isEdge() && position.ringDistanceTo(peer.id()).compareTo(ours) < 0) {
                edges.add(peer);
            }
        }
        edges.sort(Comparator.comparing(peer -> position.ringDistanceTo(peer.id())));
        return edges;
    }

    /** The first routing edge at or after a position in one direction, if it comes before us; else null. */
    @Nullable
    RingPeer firstEdge(OverlayId position, boolean clockwise) {
        RingPeer first = null;
        OverlayId least = arc(position, self, clockwise);
        for (RingPeer peer : peers.values()) {
            OverlayId distance = arc(position, peer.id(), clockwise);
            if (peer.isEdge() && distance.compareTo(least) < 0) {
                first = peer;
                least = distance;
            }
        }
        return first;
    }

    private static OverlayId arc(OverlayId from, OverlayId to, boolean clockwise) {
        return clockwise ? from.clockwiseDistanceTo(to) : to.clockwiseDistanceTo(from);
    }

    /**
     * Members of the whole ring: as many as are linked if the near ones on both sides meet, else the median of what we
     * and our peers reckon from our neighbours ({@link #nearSize}). A single reckoning rests on eight gaps and is off
     * by a third as a rule; far peers reckon from other gaps, and a median lets few liars pull it.
     */
    int sizeEstimate() {
        int linked = 1;
        for (int i = 0; i < peers.size(); i++) {
            linked += peers.value(i).isEdge() ? 1 : 0;
        }
        return nearSize() == 0 ? linked : Math.max(linked, toldSize());
    }

    /** That median, also of a node that has no neighbours yet; 0 if nobody reckons anything. */
    int toldSize() {
        List<Integer> reckoned = new ArrayList<>();
        for (RingPeer peer : peers.values()) {
            if (peer.isEdge() && peer.nearSize() > 0) {
                reckoned.add(peer.nearSize());
            }
        }
        int ours = nearSize();
        if (ours > 0) {
            reckoned.add(ours);
        }
        if (reckoned.isEmpty()) {
            return 0;
        }
        Collections.sort(reckoned);
        int middle = reckoned.size() / 2;
        return reckoned.size() % 2 == 1
                ? reckoned.get(middle)
                : reckoned.get(middle - 1) + (reckoned.get(middle) - reckoned.get(middle - 1)) / 2;
    }

    /**
     * Members of the whole ring if they stand as dense everywhere as beside us: 1 / (mean gap); 0 while the near ones
     * do not tell, because they are too few or reach all around.
     */
    int nearSize() {
        List<RingPeer> ahead = near(true);
        List<RingPeer> behind = near(false);
        if (ahead.size() < NEAR || behind.size() < NEAR || overlap(ahead, behind)) {
            return 0;
        }
        double arc = self.clockwiseFractionTo(ahead.get(NEAR - 1).id())
                + behind.get(NEAR - 1).id().clockwiseFractionTo(self);
        return (int) Math.min(SIZE_MAX, 2 * NEAR / arc);
    }

    private static boolean overlap(List<RingPeer> ahead, List<RingPeer> behind) {
        for (RingPeer peer : ahead) {
            if (behind.contains(peer)) {
                return true;
            }
        }
        return false;
    }
}

package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
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
    /** Contacts without a session; the ones farthest from us give way. */
    static final int CONTACTS_MAX = 64;

    private static final long FAILED_NANOS = 15_000_000_000L;

    private final OverlayId self;
    private final TreeMap<OverlayId, RingPeer> peers = new TreeMap<>();
    private final TreeMap<OverlayId, Contact> contacts = new TreeMap<>();
    private final TreeMap<OverlayId, Long> failedUntilNanos = new TreeMap<>();
    /** Contacts whose session is over: called again, but nobody counts on them. */
    private final TreeSet<OverlayId> suspects = new TreeSet<>();

    NeighbourTable(OverlayId self) {
        this.self = self;
    }

    Collection<RingPeer> peers() {
        return List.copyOf(peers.values());
    }

    @Nullable
    RingPeer peer(OverlayId id) {
        return peers.get(id);
    }

    @Nullable
    RingPeer peer(Session session) {
        for (RingPeer peer : peers.values()) {
            if (peer.session() == session) {
                return peer;
            }
        }
        return null;
    }

    void add(RingPeer peer) {
        peers.put(peer.id(), peer);
        failedUntilNanos.remove(peer.id());
        suspects.remove(peer.id());
    }

    /** The peer of a session that is over, now remembered as a contact only. */
    @Nullable
    RingPeer remove(Session session) {
        RingPeer peer = peer(session);
        if (peer != null) {
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
            OverlayId farthest = contacts.firstKey();
            for (OverlayId id : contacts.keySet()) {
                if (self.ringDistanceTo(id).compareTo(self.ringDistanceTo(farthest)) > 0) {
                    farthest = id;
                }
            }
            contacts.remove(farthest);
            suspects.remove(farthest);
        }
        return contacts.containsKey(contact.ringId());
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
        contacts.remove(id);
        suspects.remove(id);
        failedUntilNanos.put(id, nowNanos + FAILED_NANOS);
        if (failedUntilNanos.size() > CONTACTS_MAX) {
            failedUntilNanos.pollFirstEntry();
        }
    }

    boolean hasFailed(OverlayId id, long nowNanos) {
        Long until = failedUntilNanos.get(id);
        if (until != null && until - nowNanos <= 0) {
            failedUntilNanos.remove(id);
            return false;
        }
        return until != null;
    }

    boolean isKnown(OverlayId id) {
        return id.equals(self) || peers.containsKey(id) || contacts.containsKey(id);
    }

    /** Linked members, nearest first, clockwise or counter-clockwise. */
    List<RingPeer> near(boolean clockwise) {
        List<RingPeer> near = new ArrayList<>();
        for (OverlayId id : nearest(peers.keySet(), clockwise, id -> isEdge(id), id -> true)) {
            RingPeer peer = peers.get(id);
            if (peer != null) {
                near.add(peer);
            }
        }
        return near;
    }

    private boolean isEdge(OverlayId id) {
        RingPeer peer = peers.get(id);
        return peer != null && peer.isEdge();
    }

    /**
     * IDs that should be our neighbours on one side, linked or not, nearest first. Suspects take nobody's place: who
     * comes after them is wanted as well.
     */
    List<OverlayId> wanted(boolean clockwise) {
        return nearest(known(), clockwise, id -> true, id -> !suspects.contains(id));
    }

    /** The ID that should be our first neighbour on one side, or null. */
    @Nullable
    OverlayId first(boolean clockwise) {
        List<OverlayId> nearest = nearest(known(), clockwise, id -> !suspects.contains(id), id -> true);
        return nearest.isEmpty() ? null : nearest.get(0);
    }

    private Set<OverlayId> known() {
        TreeSet<OverlayId> known = new TreeSet<>(contacts.keySet());
        for (RingPeer peer : peers.values()) {
            if (peer.isJoined()) {
                known.add(peer.id());
            }
        }
        return known;
    }

    /** True if {@code id} would be among the first neighbours on one side. */
    boolean wouldBeNear(OverlayId id) {
        for (boolean clockwise : new boolean[] {true, false}) {
            List<OverlayId> wanted = wanted(clockwise);
            if (wanted.size() < NEAR || wanted.contains(id)) {
                return true;
            }
            OverlayId last = wanted.get(wanted.size() - 1);
            if (clockwise ? id.isBetween(self, last) : id.isBetween(last, self)) {
                return true;
            }
        }
        return false;
    }

    /** The nearest IDs that pass {@code filter}, until there are enough of those that count. */
    private List<OverlayId> nearest(
            Collection<OverlayId> ids, boolean clockwise, Predicate<OverlayId> filter, Predicate<OverlayId> counts) {
        TreeSet<OverlayId> sorted = new TreeSet<>(ids);
        List<OverlayId> order = new ArrayList<>();
        if (clockwise) {
            order.addAll(sorted.tailSet(self, false));
            order.addAll(sorted.headSet(self, false));
        } else {
            order.addAll(sorted.headSet(self, false).descendingSet());
            order.addAll(sorted.tailSet(self, false).descendingSet());
        }
        List<OverlayId> nearest = new ArrayList<>();
        int counted = 0;
        for (OverlayId id : order) {
            if (counted < NEAR && filter.test(id)) {
                nearest.add(id);
                counted += counts.test(id) ? 1 : 0;
            }
        }
        return nearest;
    }

    /** The routing edge nearest to a position, or null. */
    @Nullable
    RingPeer nearestEdge(OverlayId position) {
        return nearestEdge(position, null);
    }

    /** The routing edge nearest to a position, {@code except} left out, or null. */
    @Nullable
    RingPeer nearestEdge(OverlayId position, @Nullable OverlayId except) {
        RingPeer best = null;
        for (RingPeer peer : peers.values()) {
            if (peer.isEdge()
                    && !peer.id().equals(except)
                    && (best == null
                            || position.ringDistanceTo(peer.id()).compareTo(position.ringDistanceTo(best.id())) < 0)) {
                best = peer;
            }
        }
        return best;
    }

    /** Members on the whole ring if they stand as dense everywhere as beside us; at least those we know. */
    int sizeEstimate() {
        List<RingPeer> ahead = near(true);
        List<RingPeer> behind = near(false);
        int linked = 1;
        for (RingPeer peer : peers.values()) {
            linked += peer.isEdge() ? 1 : 0;
        }
        boolean complete = ahead.size() < NEAR || behind.size() < NEAR || overlap(ahead, behind);
        if (complete) {
            return linked;
        }
        double arc = self.clockwiseFractionTo(ahead.get(NEAR - 1).id())
                + behind.get(NEAR - 1).id().clockwiseFractionTo(self);
        return Math.max(linked, (int) Math.min(1e9, 2 * NEAR / arc));
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

package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.RingService;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeSet;

/** The members near us, ourselves included, as they are at one moment. Immutable. */
final class Neighbourhood {
    private final OverlayId self;
    private final NavigableSet<OverlayId> members = new TreeSet<>();
    private final OverlayId first;
    private final OverlayId last;
    private final boolean wholeRing;

    private Neighbourhood(OverlayId self, List<Contact> successors, List<Contact> predecessors) {
        this.self = self;
        members.add(self);
        successors.forEach(contact -> members.add(contact.ringId()));
        boolean overlap = false;
        for (Contact contact : predecessors) {
            overlap |= !members.add(contact.ringId());
        }
        this.wholeRing = overlap || successors.isEmpty() || predecessors.isEmpty();
        this.first =
                wholeRing ? self : predecessors.get(predecessors.size() - 1).ringId();
        this.last = wholeRing ? self : successors.get(successors.size() - 1).ringId();
    }

    static Neighbourhood of(RingService ring) {
        return new Neighbourhood(ring.self(), ring.successors(), ring.predecessors());
    }

    /** Whether we see every member. */
    boolean isWholeRing() {
        return wholeRing;
    }

    /** Our neighbours in order of their positions. */
    SortedSet<OverlayId> others() {
        SortedSet<OverlayId> others = new TreeSet<>(members);
        others.remove(self);
        return others;
    }

    /** The member beside {@code member} in increasing order, around the end; itself if it is alone. */
    OverlayId after(OverlayId member) {
        OverlayId next = members.higher(member);
        return next == null ? members.first() : next;
    }

    /** The member beside {@code member} in decreasing order, around the end; itself if it is alone. */
    OverlayId before(OverlayId member) {
        OverlayId next = members.lower(member);
        return next == null ? members.last() : next;
    }

    /**
     * Whether {@code member}, one of these, is the nearest of the ring to a position: false where others may be nearer
     * whom we do not see.
     */
    boolean isNearest(OverlayId member, OverlayId position) {
        if (!wholeRing && !position.isBetween(first, last)) {
            return false;
        }
        OverlayId distance = member.ringDistanceTo(position);
        return distance.compareTo(after(member).ringDistanceTo(position)) <= 0
                && distance.compareTo(before(member).ringDistanceTo(position)) <= 0;
    }

    /** The positions that we are the nearest member to. */
    Arc zone() {
        return Arc.zone(before(self), self, after(self));
    }

    /** Who is the nearest to a position of ours when we are gone. */
    OverlayId heirOf(OverlayId position) {
        OverlayId before = before(self);
        OverlayId after = after(self);
        return position.ringDistanceTo(before).compareTo(position.ringDistanceTo(after)) < 0 ? before : after;
    }

    /** Whether we are the nearest member to one of a key's positions, as far as we see. */
    boolean isServedHere(OverlayId key) {
        for (OverlayId position : DhtKeys.positions(key)) {
            if (isNearest(self, position)) {
                return true;
            }
        }
        return false;
    }
}

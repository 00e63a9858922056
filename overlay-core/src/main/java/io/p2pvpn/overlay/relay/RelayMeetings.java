package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.session.Session;
import java.util.List;
import java.util.TreeMap;

/**
 * Nodes that peers proposed as relays and that we link to for a moment, so that they can be measured. Bounded, for one
 * peer and in all: a proposal makes us call whom the peer likes. Confined to the node's loop.
 */
final class RelayMeetings {
    /** Nodes linked to at a time on proposal. */
    static final int MEETINGS_MAX = 16;
    /** A peer's proposals count once in so much time. */
    static final long GAP_NANOS = 2_500_000_000L;

    private static final long MEETING_NANOS = 8_000_000_000L;

    private final Relays relays;
    private final TreeMap<OverlayId, Long> lastNanos = new TreeMap<>();
    private int meetings;

    RelayMeetings(Relays relays) {
        this.relays = relays;
    }

    /** Links to those that we are not linked to; false if that is too much. */
    boolean meet(Session from, List<Contact> contacts) {
        long now = relays.runtime().clock().nanoTime();
        Long last = lastNanos.get(from.nodeId());
        if (last != null && now - last < GAP_NANOS) {
            return false;
        }
        lastNanos.put(from.nodeId(), now);
        for (Contact contact : contacts.subList(0, Math.min(contacts.size(), RelayRound.INTRODUCED_MAX))) {
            OverlayId nodeId = contact.identity().nodeId();
            boolean known = nodeId.equals(relays.self()) || relays.directSession(nodeId) != null;
            if (!known && meetings < MEETINGS_MAX) {
                meetings++;
                // An owner of its own: the same node may be proposed again before the first wish ends.
                Object owner = new Object();
                relays.link(contact, owner);
                relays.runtime().timers().schedule(MEETING_NANOS, () -> {
                    meetings--;
                    relays.unlink(nodeId, owner);
                });
            }
        }
        return true;
    }

    void onDown(Session session) {
        lastNanos.remove(session.nodeId());
    }
}

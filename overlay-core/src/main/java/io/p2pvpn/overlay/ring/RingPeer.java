package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.List;

/** A node of this ring that we have a session with. Confined to the node's loop. */
public final class RingPeer {
    private final OverlayId id;
    private final Session session;
    private final int channel;
    private final byte[] note;
    private boolean joined;
    private boolean statusSeen;
    private boolean examined;

    RingPeer(OverlayId id, Session session, int channel, byte[] note) {
        this.id = id;
        this.session = session;
        this.channel = channel;
        this.note = note.clone();
    }

    /** Its position in this ring. */
    public OverlayId id() {
        return id;
    }

    /** The session with it. */
    public Session session() {
        return session;
    }

    /** The number under which it wants this ring's packets. */
    public int channel() {
        return channel;
    }

    /** What it said along with its admission. */
    public byte[] note() {
        return note.clone();
    }

    /** True once it has said that it is a member. */
    public boolean isJoined() {
        return joined;
    }

    /** True if messages for others may be sent over it. */
    boolean isEdge() {
        return joined && session.isDirect();
    }

    void onStatus(boolean nowJoined) {
        joined = nowJoined;
        statusSeen = true;
    }

    boolean isStatusSeen() {
        return statusSeen;
    }

    /** True the first time: whether its part of the ring is ours has to be looked at once. */
    boolean examineOnce() {
        boolean first = !examined;
        examined = true;
        return first;
    }

    Contact contact() {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Path path : session.paths()) {
            Endpoint endpoint = path.route().endpoint();
            if (path.isValidated() && endpoint != null && !endpoints.contains(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        for (Endpoint endpoint : session.peerCandidates()) {
            if (!endpoints.contains(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        return new Contact(id, session.peer(), endpoints);
    }

    @Override
    public String toString() {
        return id.toShortString() + (joined ? "" : "*");
    }
}

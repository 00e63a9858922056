package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.session.Session;

/** A node of this ring that we have a session with. Confined to the node's loop. */
public final class RingPeer {
    /** Shared: most peers say nothing, and a node has many. */
    private static final byte[] NO_NOTE = {};

    private final OverlayId id;
    private final Session session;
    private final int channel;
    private final byte[] note;
    private boolean told;
    private boolean joined;
    private boolean examined;
    private int serial;
    private int heard;
    private int nearSize;
    private long toldNanos;

    RingPeer(OverlayId id, Session session, int channel, byte[] note) {
        this.id = id;
        this.session = session;
        this.channel = channel;
        this.note = note.length == 0 ? NO_NOTE : note.clone();
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

    /** True once it has said that it is no member (yet). */
    boolean isJoiner() {
        return told && !joined;
    }

    /** True if messages for others may be sent over it. */
    public boolean isEdge() {
        return joined && session.isLinked() && session.isKept();
    }

    /**
     * It told its state: false if it told a newer one before.
     *
     * @param itsSerial which of its states this is
     * @param oursHeard the last of our states that it knows
     */
    boolean onStatus(boolean nowJoined, int itsSerial, int oursHeard, long nowNanos) {
        heard = Math.max(heard, oursHeard);
        if (itsSerial < serial) {
            return false;
        }
        serial = itsSerial;
        told = true;
        toldNanos = nowNanos;
        joined = nowJoined;
        return true;
    }

    /** It told how large it reckons the ring to be from its neighbours alone; 0 if it does not know. */
    void onNearSize(int size) {
        nearSize = size;
    }

    /** What {@link #onNearSize} told, 0 if nothing. */
    int nearSize() {
        return nearSize;
    }

    /** True if it has told its newest state within that time. */
    boolean hasToldWithin(long nanos, long nowNanos) {
        return told && nowNanos - toldNanos < nanos;
    }

    /** The last of its states that we know. */
    int serial() {
        return serial;
    }

    /** The last of our states that it knows. */
    int heard() {
        return heard;
    }

    /** True the first time: whether its part of the ring is ours has to be looked at once. */
    boolean examineOnce() {
        boolean first = !examined;
        examined = true;
        return first;
    }

    Contact contact() {
        return Contacts.of(id, session);
    }

    @Override
    public String toString() {
        return id.toShortString() + (joined ? "" : "*");
    }
}

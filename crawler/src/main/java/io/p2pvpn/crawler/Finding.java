package io.p2pvpn.crawler;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * A link between two ring neighbours that is missing, and the likely cause. Immutable.
 *
 * @param cause what is likely
 * @param node whom it is about: who is gone, keeps a stale entry, or has not heard of the other one
 * @param other the other end
 * @param text who knows whom, and what to do, in one line
 */
public record Finding(Cause cause, OverlayId node, OverlayId other, String text) {
    /** What keeps two members apart. */
    public enum Cause {
        /** {@code node} does not answer, and {@code other} still counts on it: it has crashed, or is cut off. */
        CRASH,
        /** {@code node} counts on a link to {@code other} that the latter does not have. */
        STALE,
        /** They know of each other, and no handshake between them ends. */
        HANDSHAKE,
        /** They have a session, and no way for it but the ring: NAT boxes or firewalls, and no relay. */
        NAT,
        /** {@code node} has not heard of {@code other}. */
        UNHEARD,
        /** They know of each other and are linked, and do not agree yet who is between them. */
        UNSETTLED
    }
}

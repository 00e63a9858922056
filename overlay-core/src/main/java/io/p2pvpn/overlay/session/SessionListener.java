package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.proto.Control;
import org.jspecify.annotations.Nullable;

/** What happens to sessions. Called on the node's loop, after the session's own state is up to date. */
public interface SessionListener {
    /** The peer has proven its keys, and frames can be sent. */
    void onUp(Session session);

    /** The session is over; the reason is for people. */
    void onDown(Session session, String reason);

    /** An authenticated control message that is not the session's own business came over {@code via}. */
    void onControl(Session session, Control message, FrameRoute via);

    /**
     * An authenticated IP packet, or one of streams (then the channel means nothing); the array is valid, and may be
     * written to, during the call.
     *
     * @param trafficClass of the frame that it came in, the default if it came over a stream or a ring
     */
    void onPacket(Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass);

    /** Everything that was waiting has been handed over. */
    void onBatchEnd();

    /** Another path carries the session's traffic now. */
    void onPathChanged(Session session);

    /** The peer sees us at this address when we send to it over {@code via}, a direct way. */
    void onObserved(Session session, FrameRoute via, Endpoint ours);

    /** The active path answers no more, and there is no other to take its place; told again while that lasts. */
    default void onDoubt(Session session) {
        // Whoever knows no other way to the peer can only wait.
    }

    /**
     * What the peer's wall clock said when it wrote its part of the handshake.
     *
     * @param epochMillis since 1970
     */
    default void onPeerClock(Session session, long epochMillis) {
        // Whoever compares no clocks does without.
    }

    /** The peer says that another process runs with our identity, and stays with that one; the session is over. */
    default void onIdentityInUse(Session session) {
        // Whoever has no operator to tell can only go on.
    }

    /**
     * The peer says that another process with our identity has called it, and was refused.
     *
     * @param seenAt from where; null if not straight
     */
    default void onRival(Session session, @Nullable Endpoint seenAt) {
        // As above.
    }

    /** This host's network is another than before, or the node stood still: all active paths are being probed. */
    default void onNetworkChanged() {
        // Sessions look after themselves.
    }

    /** The transport takes frames again. */
    void onWritable();

    /**
     * What a peer hears right behind our answer to its first message, one round trip before {@link #onUp} here: small,
     * and nothing that whoever calls itself so must not know. Null for nothing.
     */
    default @Nullable Control earlyWord(PublicIdentity peer) {
        return null;
    }

    /** How often the NAT boxes in front of this node need a packet (in seconds), or 0 while that is not known. */
    default int keepaliveSeconds() {
        return 0;
    }
}

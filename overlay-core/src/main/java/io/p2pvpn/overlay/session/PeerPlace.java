package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.wire.proto.PathReply;
import org.jspecify.annotations.Nullable;

/**
 * Coordinates on their way: each end tells its own with the answer to a probe, and only on paths straight to it, since
 * no other round trip is a distance between the two. Confined to the node's loop.
 */
final class PeerPlace {
    private final SessionLayer layer;
    private final OverlayId peer;
    private @Nullable Coordinate last;

    PeerPlace(SessionLayer layer, OverlayId peer) {
        this.layer = layer;
        this.peer = peer;
    }

    /** Where the peer said last that it stands, or null. */
    @Nullable
    Coordinate last() {
        return last;
    }

    /** Adds our own to an answer that goes out over {@code via}. */
    void tell(PathReply.Builder reply, FrameRoute via) {
        Coordinate own = via.isDirect() ? layer.coordinates().own() : null;
        if (own != null) {
            reply.setCoordinate(own.toProto());
        }
    }

    /** An answer came over {@code via}; the path's round trip in nanoseconds, or -1 if it answered no probe. */
    void onReply(PathReply reply, FrameRoute via, long rttNanos) {
        if (rttNanos >= 0 && reply.hasCoordinate() && via.isDirect()) {
            Coordinate place = Coordinate.fromProto(reply.getCoordinate());
            last = place != null ? place : last;
            layer.coordinates().onSample(peer, place, rttNanos);
        }
    }
}

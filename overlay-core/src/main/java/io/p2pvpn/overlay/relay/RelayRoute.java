package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Frame;
import org.jspecify.annotations.Nullable;

/**
 * Frames to a peer through one relay: the label is all that is added. There is one of these for a peer and a relay, and
 * it equals itself only. Confined to the node's loop.
 */
public final class RelayRoute implements FrameRoute, RelayLabels.Target {
    private final RelayEnds ends;
    private final OverlayId peer;
    private final Session relay;
    private final int label;
    private int remoteLabel;

    RelayRoute(RelayEnds ends, OverlayId peer, Session relay, int label) {
        this.ends = ends;
        this.peer = peer;
        this.relay = relay;
        this.label = label;
        relay.watchFrameBytes();
    }

    @Override
    public Kind kind() {
        return Kind.RELAY;
    }

    @Override
    public @Nullable Endpoint endpoint() {
        return null;
    }

    @Override
    public OverlayId via() {
        return relay.nodeId();
    }

    @Override
    public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        Path leg = relay.activePath();
        if (remoteLabel == 0 || leg == null || !leg.route().isDirect()) {
            return false;
        }
        relay.onRelayed(segmentBytes);
        putLabel(buffer, offset, length, segmentBytes, remoteLabel);
        boolean sent = leg.route().send(buffer, offset, length, segmentBytes, trafficClass);
        // The sender may want to send the same bytes over another way.
        putLabel(buffer, offset, length, segmentBytes, 0);
        return sent;
    }

    @Override
    public int legFrameBytes() {
        Path leg = relay.activePath();
        return leg != null && leg.isFrameBytesKnown() ? leg.frameBytes() : 0;
    }

    /** Writes a label into every frame of a batch. */
    static void putLabel(byte[] buffer, int offset, int length, int segmentBytes, int label) {
        for (int at = offset; at < offset + length; at += segmentBytes) {
            Frame.putLabel(buffer, at, label);
        }
    }

    @Override
    public void onDropped(OverlayId nodeId) {
        if (nodeId.equals(peer)) {
            ends.release(this);
        }
    }

    /** Who is at the other end. */
    OverlayId peer() {
        return peer;
    }

    /** The session with the relay. */
    Session relay() {
        return relay;
    }

    /** What frames carry when they come. */
    int label() {
        return label;
    }

    /** What frames to the relay carry; 0 until it has told. */
    int remoteLabel() {
        return remoteLabel;
    }

    /** The relay told what frames to it shall carry. */
    void setRemoteLabel(int told) {
        remoteLabel = told;
    }

    @Override
    public String toString() {
        return "relay://" + relay.nodeId().toShortString();
    }
}

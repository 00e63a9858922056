package io.p2pvpn.overlay.session;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.PathKnock;
import io.p2pvpn.overlay.wire.proto.PathProbe;
import io.p2pvpn.overlay.wire.proto.PathReply;

/** Writes and reads the probes of one session's paths, and what rides along. Confined to the node's loop. */
final class PathProbes {
    static final Control KNOCK =
            Control.newBuilder().setPathKnock(PathKnock.getDefaultInstance()).build();
    static final Control PERMIT = Control.newBuilder()
            .setPathKnock(PathKnock.newBuilder().setPadding(ByteString.copyFrom(new byte[Session.PERMIT_BYTES])))
            .build();

    private final Session session;
    private final SessionLayer layer;
    private final PeerPlace place;
    private final Keepalive keepalive;
    private final PathSet paths;

    PathProbes(Session session, SessionLayer layer, PeerPlace place, PathSet paths) {
        this.session = session;
        this.layer = layer;
        this.place = place;
        this.keepalive = session.keepalive;
        this.paths = paths;
    }

    void sendProbe(Path path, long token) {
        session.sendOver(
                path.route(),
                Control.newBuilder()
                        .setPathProbe(keepalive.probe(token, path.route()))
                        .build());
    }

    /** Sends a probe in a frame of exactly that size, which nobody may cut. */
    void sendSizeProbe(Path path, long token, int frameBytes) {
        int messageBytes = frameBytes - Frame.OVERHEAD_BYTES - Frame.PREFIX_BYTES;
        // The lengths in front of padding and message take room too.
        int excess = sizeProbe(path, token, messageBytes).length - messageBytes;
        byte[] message = sizeProbe(path, token, messageBytes - excess);
        byte[] plain = new byte[Frame.PREFIX_BYTES + message.length];
        plain[0] = Frame.KIND_CONTROL;
        System.arraycopy(message, 0, plain, Frame.PREFIX_BYTES, message.length);
        session.sendUncut(path.route(), plain);
    }

    private byte[] sizeProbe(Path path, long token, int paddingBytes) {
        PathProbe.Builder probe =
                keepalive.probe(token, path.route()).setPadding(ByteString.copyFrom(new byte[paddingBytes]));
        return Control.newBuilder().setPathProbe(probe).build().toByteArray();
    }

    void onProbe(PathProbe probe, FrameRoute via) {
        keepalive.onTold(probe.getKeepaliveSeconds());
        onLegTold(via, probe.getLegFrameBytes());
        PathReply.Builder reply = PathReply.newBuilder()
                .setToken(probe.getToken())
                .setKeepaliveSeconds(keepalive.ownSeconds())
                .setLegFrameBytes(via.legFrameBytes());
        Endpoint seen = via.endpoint();
        if (seen != null) {
            reply.setObserved(Endpoints.toProto(seen));
        }
        place.tell(reply, via);
        Control answer = Control.newBuilder().setPathReply(reply).build();
        if (paths.mayAnswer(via, Frame.OVERHEAD_BYTES + Frame.PREFIX_BYTES + answer.getSerializedSize())) {
            session.sendOver(via, answer);
        }
        paths.onPeerProbes(via);
        if (!session.isWanted() && via.isDirect()) {
            paths.measureBack(via);
        }
    }

    /** The peer says what its leg of a relay path carries. */
    private void onLegTold(FrameRoute via, int frameBytes) {
        for (Path path : paths.all()) {
            if (path.route().kind() == FrameRoute.Kind.RELAY && path.route().equals(via)) {
                path.onPeerLegTold(frameBytes);
            }
        }
    }

    void onReply(PathReply reply, FrameRoute via) {
        keepalive.onTold(reply.getKeepaliveSeconds());
        onLegTold(via, reply.getLegFrameBytes());
        place.onReply(reply, via, paths.onReply(reply.getToken(), via));
        Endpoint ours = reply.hasObserved() ? Endpoints.fromProto(reply.getObserved()) : null;
        if (ours != null && via.isDirect()) {
            layer.listener().onObserved(session, via, ours);
        }
    }
}

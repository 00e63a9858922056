package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A ring of a real node. Immutable; what it shows is confined to the node's loop. */
record NodeRing(OverlayNode node, Ring ring) implements TaskRing {
    /** The node itself. */
    record Node(OverlayNode node) implements TaskNode {
        @Override
        public NodeRuntime runtime() {
            return node.runtime();
        }

        @Override
        public @Nullable TaskRing ring(ByteString ringIdBytes) {
            for (Ring ring : node.rings()) {
                if (ring.ringIdBytes().equals(ringIdBytes)) {
                    return new NodeRing(node, ring);
                }
            }
            return null;
        }

        @Override
        public void handle(String method, TaskLink.Handler handler) {
            node.calls().handle(method, (from, request) -> handler.onCall(new Link(node, from), request));
        }
    }

    private record Link(OverlayNode node, Session session) implements TaskLink {
        @Override
        public OverlayId nodeId() {
            return session.nodeId();
        }

        @Override
        public boolean isOpen() {
            return session.isOpen();
        }

        @Override
        public CompletableFuture<byte[]> call(String method, byte[] body) {
            return node.calls().call(session, method, body);
        }
    }

    private record Peer(OverlayNode node, RingPeer peer) implements TaskPeer {
        @Override
        public OverlayId id() {
            return peer.id();
        }

        @Override
        public TaskLink link() {
            return new Link(node, peer.session());
        }

        @Override
        public boolean isEdge() {
            return peer.isEdge();
        }

        @Override
        public boolean isRelayed() {
            Path path = peer.session().activePath();
            return path != null && path.route().kind() == FrameRoute.Kind.RELAY;
        }

        @Override
        public long rttNanos() {
            Path path = peer.session().activePath();
            return path == null || path.rttNanos() < 0 ? RTT_UNKNOWN_NANOS : path.rttNanos();
        }

        @Override
        public Set<Purpose> purposes() {
            return node.links().purposes(peer.session().nodeId());
        }
    }

    @Override
    public RingService service() {
        return ring;
    }

    @Override
    public ByteString ringIdBytes() {
        return ring.ringIdBytes();
    }

    private List<TaskPeer> peers(Collection<RingPeer> peers) {
        return peers.stream().<TaskPeer>map(peer -> new Peer(node, peer)).toList();
    }

    private @Nullable TaskPeer peer(@Nullable RingPeer peer) {
        return peer == null ? null : new Peer(node, peer);
    }

    @Override
    public List<TaskPeer> peers() {
        return peers(ring.peers());
    }

    @Override
    public List<TaskPeer> near(boolean clockwise) {
        return peers(ring.near(clockwise));
    }

    @Override
    public @Nullable TaskPeer peer(OverlayId id) {
        return peer(ring.peer(id));
    }

    @Override
    public @Nullable TaskPeer peer(TaskLink link) {
        return link instanceof Link ours ? peer(ring.peer(ours.session())) : null;
    }

    @Override
    public List<OverlayId> links(Set<OverlayId> passed) {
        return ring.broadcasts().links(passed);
    }

    @Override
    public @Nullable OverlayId nearest(Arc arc, Set<OverlayId> passed, boolean onlyNearer) {
        return ring.broadcasts().nearest(arc, passed, onlyNearer);
    }

    @Override
    public @Nullable OverlayId nextHop(OverlayId position) {
        return ring.nextHop(position);
    }
}

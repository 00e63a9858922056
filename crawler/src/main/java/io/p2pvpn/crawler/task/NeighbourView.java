package io.p2pvpn.crawler.task;

import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a member sees of its ring, and tells whoever asks. Called on the node's loop. */
public interface NeighbourView {
    /** What there is to say now. */
    NodeReport look(Ring ring);

    /** What there is to say of another member now. */
    Acquaintance about(Ring ring, OverlayId member);

    /** The truth, as far as the node knows it. */
    static NeighbourView of(OverlayNode node, NodeFacts facts) {
        return new NeighbourView() {
            @Override
            public NodeReport look(Ring ring) {
                return report(node, facts, ring);
            }

            @Override
            public Acquaintance about(Ring ring, OverlayId member) {
                return Acquaintance.of(node, ring, member);
            }
        };
    }

    private static NodeReport report(OverlayNode node, NodeFacts facts, Ring ring) {
        List<OverlayId> far = new ArrayList<>();
        List<OverlayId> chota = new ArrayList<>();
        List<OverlayId> relayed = new ArrayList<>();
        for (RingPeer peer : ring.peers()) {
            Set<Purpose> purposes = node.links().purposes(peer.session().nodeId());
            if (purposes.contains(Purpose.FAR)) {
                far.add(peer.id());
            }
            if (purposes.contains(Purpose.CHOTA)) {
                chota.add(peer.id());
            }
            if (isRelayed(peer)) {
                relayed.add(peer.id());
            }
        }
        return new NodeReport(
                ring.self(), facts.name(ring), ids(ring.near(true)), ids(ring.near(false)), far, chota, relayed);
    }

    /** Whether the peer's traffic goes through a relay. */
    static boolean isRelayed(RingPeer peer) {
        Path path = peer.session().activePath();
        return path != null && path.route().kind() == FrameRoute.Kind.RELAY;
    }

    private static List<OverlayId> ids(List<RingPeer> peers) {
        return peers.stream().map(RingPeer::id).toList();
    }
}

package io.p2pvpn.crawler.task;

import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskPeer;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Ring;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a member sees of its ring, and tells whoever asks. Called on the node's loop. */
public interface NeighbourView {
    /** What there is to say now. */
    NodeReport look(TaskRing ring);

    /** What there is to say of another member now. */
    Acquaintance about(TaskRing ring, OverlayId member);

    /** The truth, as far as the node knows it. */
    static NeighbourView of(OverlayNode node, NodeFacts facts) {
        return new NeighbourView() {
            @Override
            public NodeReport look(TaskRing ring) {
                return report(facts, ring);
            }

            @Override
            public Acquaintance about(TaskRing ring, OverlayId member) {
                for (Ring each : node.rings()) {
                    if (each.equals(ring.service())) {
                        return Acquaintance.of(node, each, member);
                    }
                }
                return Acquaintance.NONE;
            }
        };
    }

    /** What a member says of its links there. */
    static NodeReport report(NodeFacts facts, TaskRing ring) {
        List<OverlayId> far = new ArrayList<>();
        List<OverlayId> chota = new ArrayList<>();
        List<OverlayId> relayed = new ArrayList<>();
        for (TaskPeer peer : ring.peers()) {
            Set<Purpose> purposes = peer.purposes();
            if (purposes.contains(Purpose.FAR)) {
                far.add(peer.id());
            }
            if (purposes.contains(Purpose.CHOTA)) {
                chota.add(peer.id());
            }
            if (peer.isRelayed()) {
                relayed.add(peer.id());
            }
        }
        return new NodeReport(
                ring.self(), facts.name(ring), ids(ring.near(true)), ids(ring.near(false)), far, chota, relayed);
    }

    private static List<OverlayId> ids(List<TaskPeer> peers) {
        return peers.stream().map(TaskPeer::id).toList();
    }
}

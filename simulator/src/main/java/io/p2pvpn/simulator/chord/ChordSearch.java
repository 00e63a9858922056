package io.p2pvpn.simulator.chord;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.chord.ChordMessage.Kind;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An iterative look-up: who asks goes on asking the nearest member before the target that it has heard of, and the next
 * nearest where one does not answer.
 */
final class ChordSearch {
    /** Hears of the end. */
    @FunctionalInterface
    interface Listener {
        /**
         * The search is over.
         *
         * @param successors of the target, in order; empty if it ended nowhere
         */
        void onEnd(List<ChordPeer> successors);
    }

    private static final int ASKED_MAX = 64;

    private final ChordNode node;
    private final OverlayId target;
    private final Listener listener;
    private final TreeMap<OverlayId, ChordPeer> candidates = new TreeMap<>();
    private final TreeSet<OverlayId> asked = new TreeSet<>();

    ChordSearch(ChordNode node, OverlayId target, Listener listener) {
        this.node = node;
        this.target = target;
        this.listener = listener;
    }

    /**
     * Begins.
     *
     * @param known the members to begin with
     * @param last the answer, if the node knows it itself
     */
    void start(List<ChordPeer> known, @Nullable List<ChordPeer> last) {
        if (last != null) {
            listener.onEnd(last);
            return;
        }
        learn(known);
        step();
    }

    private void learn(List<ChordPeer> known) {
        for (ChordPeer peer : known) {
            if (!peer.id().equals(node.id()) && !asked.contains(peer.id())) {
                candidates.putIfAbsent(peer.id().clockwiseDistanceTo(target), peer);
            }
        }
    }

    private void step() {
        var next = candidates.pollFirstEntry();
        if (next == null || asked.size() >= ASKED_MAX) {
            listener.onEnd(List.of());
            return;
        }
        ChordPeer peer = next.getValue();
        asked.add(peer.id());
        node.ask(peer, Kind.STEP, target, reply -> {
            if (reply != null && reply.isFinal()) {
                listener.onEnd(reply.peers());
            } else {
                if (reply != null) {
                    learn(reply.peers());
                }
                step();
            }
        });
    }
}

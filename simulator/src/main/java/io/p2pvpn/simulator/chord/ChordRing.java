package io.p2pvpn.simulator.chord;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.HostKind;
import io.p2pvpn.simulator.LinkPolicy;
import io.p2pvpn.simulator.SimHost;
import io.p2pvpn.simulator.SimWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A world of {@link ChordNode}s, of which the first is one that everybody can call. */
public final class ChordRing {
    private final SimWorld world;
    private final SplittableRandom random;
    private final List<ChordNode> nodes = new ArrayList<>();
    private final TreeMap<OverlayId, ChordNode> byId = new TreeMap<>();

    /**
     * How a look-up ended.
     *
     * @param isAnswered whether a node answered that takes itself for one that holds the key
     * @param isRight whether it is one
     */
    public record Answer(boolean isAnswered, boolean isRight) {}

    /** A world without hosts. */
    public ChordRing(long seed, LinkPolicy links) {
        world = new SimWorld(seed);
        world.network().setLinkPolicy(links);
        random = new SplittableRandom(seed);
    }

    /** Where all this happens. */
    public SimWorld world() {
        return world;
    }

    /** The members, in the order in which they started. */
    public List<ChordNode> nodes() {
        return nodes;
    }

    /** Starts a member on a host of that kind. */
    public void start(HostKind kind) {
        SimHost host = kind.host(world.network(), "n" + nodes.size());
        byte[] position = new byte[OverlayId.BYTES];
        random.nextBytes(position);
        ChordNode node = new ChordNode(host.start(), OverlayId.of(position));
        if (nodes.isEmpty()) {
            node.found();
        } else {
            node.join(world.network().hosts().get(0).address());
        }
        nodes.add(node);
        byId.put(node.id(), node);
    }

    /** The share of the members whose successor is the right one. */
    public double rightShare() {
        long right = nodes.stream()
                .filter(node -> next(node.id()).equals(node.successor()))
                .count();
        return right / (double) nodes.size();
    }

    private OverlayId next(OverlayId id) {
        OverlayId higher = byId.higherKey(id);
        return higher == null ? byId.firstKey() : higher;
    }

    /** Datagrams that all members have sent. */
    public long sent() {
        return nodes.stream().mapToLong(ChordNode::sent).sum();
    }

    /** Looks a key up from a member, and asks its successors in turn until one answers. */
    public void lookUp(ChordNode asker, OverlayId key, Consumer<Answer> then) {
        asker.search(key, found -> fetch(asker, key, found, 0, then));
    }

    private void fetch(ChordNode asker, OverlayId key, List<ChordPeer> found, int at, Consumer<Answer> then) {
        if (at >= found.size()) {
            then.accept(new Answer(false, false));
            return;
        }
        ChordPeer peer = found.get(at);
        if (peer.id().equals(asker.id())) {
            then.accept(new Answer(true, holds(peer.id(), key)));
            return;
        }
        asker.fetch(peer, key, reply -> {
            if (reply == null) {
                fetch(asker, key, found, at + 1, then);
            } else {
                then.accept(new Answer(true, holds(peer.id(), key)));
            }
        });
    }

    /** Whether a member is one of the successors that records of the key are with. */
    private boolean holds(OverlayId id, OverlayId key) {
        OverlayId holder = byId.containsKey(key) ? key : next(key);
        for (int i = 0; i < ChordNode.SUCCESSORS; i++) {
            if (holder.equals(id)) {
                return true;
            }
            holder = next(holder);
        }
        return false;
    }
}

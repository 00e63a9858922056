package io.p2pvpn.nat;

import io.p2pvpn.nat.behaviour.MappingLife;
import io.p2pvpn.nat.behaviour.NatCheck;
import io.p2pvpn.nat.behaviour.NatLearner;
import io.p2pvpn.nat.candidate.CandidateGatherer;
import io.p2pvpn.nat.lan.LanDiscovery;
import io.p2pvpn.nat.punch.HolePuncher;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.node.CandidateSource;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.Session;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** NAT traversal of one node, put together. Confined to the node's loop. */
public final class NatTraversal implements CandidateSource {
    private final CandidateGatherer gatherer;
    private final NatLearner learner;
    private @Nullable NatCheck check;
    private final Supplier<List<String>> ownDevices;
    private final Transport transport;
    private @Nullable MappingLife life;
    private @Nullable HolePuncher puncher;
    private @Nullable LanDiscovery lan;

    /**
     * Gathers candidates, and learns; the rest begins with {@link #start}.
     *
     * @param ownDevices names of the tunnel devices of this node, asked each time
     */
    public NatTraversal(NodeRuntime runtime, Supplier<List<String>> ownDevices) {
        this.ownDevices = ownDevices;
        this.transport = runtime.transport();
        this.gatherer = new CandidateGatherer(runtime.transport(), runtime.clock(), ownDevices);
        this.learner = new NatLearner(runtime.clock(), gatherer::interfaces);
    }

    /** Begins to check what is in front of the node, and to punch holes within {@code budget}. */
    public void start(OverlayNode node, PunchBudget budget) {
        NatCheck newCheck = new NatCheck(node, learner);
        newCheck.start();
        check = newCheck;
        MappingLife newLife = new MappingLife(node);
        newLife.start();
        life = newLife;
        puncher = new HolePuncher(node, learner, budget);
    }

    /** Offers, besides what is observed, the endpoints at which a router makes this node reachable; asked each time. */
    public void setMapped(Supplier<List<Endpoint>> endpoints) {
        gatherer.setMapped(endpoints);
    }

    /**
     * Begins to look for nodes on our links.
     *
     * @param named whether bootstrap nodes are named, which then come first
     */
    public void discover(OverlayNode node, boolean named) {
        lan = new LanDiscovery(node, ownDevices, named);
    }

    /** Stops all. */
    public void close() {
        if (lan != null) {
            lan.close();
        }
        if (life != null) {
            life.close();
        }
        if (check != null) {
            check.close();
        }
        if (puncher != null) {
            puncher.close();
        }
    }

    /** What is known of the boxes in front of this node, beyond what peers are told. */
    public NatLearner learner() {
        return learner;
    }

    /** The node's endpoints at its own interfaces. */
    public List<Endpoint> interfaces() {
        return gatherer.interfaces();
    }

    /** Why this path of the session and no better one: the same text at both its ends. */
    public String reason(OverlayId self, Session session, Path active) {
        return PathReason.text(
                new PathReason.End(self, learner.facts()),
                new PathReason.End(session.nodeId(), session.peerNat()),
                active.route().kind(),
                active.route().via(),
                puncher != null && puncher.isTrying(session));
    }

    /** The hole puncher, or null before {@link #start}. */
    public @Nullable HolePuncher puncher() {
        return puncher;
    }

    @Override
    public List<Endpoint> candidates(List<Endpoint> observed) {
        return gatherer.candidates(observed);
    }

    @Override
    public void onNetworkChanged() {
        gatherer.onNetworkChanged();
        learner.reset();
        if (check != null) {
            check.start();
        }
        if (life != null) {
            life.onNetworkChanged();
        }
        if (lan != null) {
            lan.onNetworkChanged();
        }
    }

    @Override
    public NatFacts nat() {
        return learner.facts();
    }

    @Override
    public int keepaliveSeconds() {
        return life == null ? 0 : life.keepaliveSeconds();
    }

    @Override
    public void onObserved(Session session, Endpoint remote, Endpoint ours) {
        learner.onObserved(remote, ours);
    }

    @Override
    public void onIndirect(Session session) {
        // Looking for a hole takes thousands of packets.
        if (puncher != null && !transport.isMetered()) {
            puncher.onIndirect(session);
        }
    }
}

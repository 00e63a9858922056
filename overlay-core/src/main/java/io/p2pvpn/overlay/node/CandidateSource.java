package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import java.util.List;

/** Knows where others can try to reach this node, and what stands in their way. */
public interface CandidateSource {
    /**
     * Endpoints to offer, most promising first.
     *
     * @param observed how peers see us, most often reported first
     */
    List<Endpoint> candidates(List<Endpoint> observed);

    /** This host's addresses may be others than before. */
    default void onNetworkChanged() {
        // Whoever remembers nothing has nothing to forget.
    }

    /** What is known of the NAT boxes in front of this node. */
    default NatFacts nat() {
        return NatFacts.UNKNOWN;
    }

    /** How often those boxes need a packet to keep a way open (in seconds), or 0 while that is not known. */
    default int keepaliveSeconds() {
        return 0;
    }

    /**
     * A peer told how it sees us.
     *
     * @param remote where we wrote to, from the node's own socket
     * @param ours the address that our frames had there
     */
    default void onObserved(Session session, Endpoint remote, Endpoint ours) {
        // Those who only list addresses need not know.
    }

    /** Candidates have gone to a peer that is not reached over UDP; again and again, ever more slowly. */
    default void onIndirect(Session session) {
        // Those who only list addresses do nothing about it.
    }
}

package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.List;

/** Knows where others can try to reach this node. */
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
}

package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingFactory;

/**
 * What a node is composed of that it may share or that may be made otherwise.
 *
 * @param relayLimits how much the node carries for others
 * @param identities memory of verified identities; nodes on one thread may share it
 * @param rings makes the rings
 */
public record NodeParts(RelayLimits relayLimits, IdentityCache identities, RingFactory rings) {
    /** What a node on a host is composed of. */
    public static NodeParts of(RelayLimits relayLimits) {
        return new NodeParts(relayLimits, new IdentityCache(), Ring::new);
    }
}

package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.coordinate.CoordinateSpace;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingFactory;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.util.function.Function;

/**
 * What a node is composed of that it may share or that may be made otherwise.
 *
 * @param relayLimits how much the node carries for others
 * @param identities memory of verified identities; nodes on one thread may share it
 * @param rings makes the rings
 * @param coordinates makes what finds the node's place in the space of round trips
 */
public record NodeParts(
        RelayLimits relayLimits,
        IdentityCache identities,
        RingFactory rings,
        Function<NodeRuntime, CoordinateSpace> coordinates) {
    /** A node that does not know its place. */
    public NodeParts(RelayLimits relayLimits, IdentityCache identities, RingFactory rings) {
        this(relayLimits, identities, rings, runtime -> CoordinateSpace.NONE);
    }

    /** The same node with a place. */
    public NodeParts with(Function<NodeRuntime, CoordinateSpace> itsCoordinates) {
        return new NodeParts(relayLimits, identities, rings, itsCoordinates);
    }

    /** What the simplest node is composed of. */
    public static NodeParts of(RelayLimits relayLimits) {
        return new NodeParts(relayLimits, new IdentityCache(), Ring::new);
    }
}

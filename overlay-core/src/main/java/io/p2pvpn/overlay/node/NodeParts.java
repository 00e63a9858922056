package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.ring.RingFactory;

/**
 * What a node is composed of that it may share or that may be made otherwise.
 *
 * @param identities memory of verified identities; nodes on one thread may share it
 * @param rings makes the rings
 */
public record NodeParts(IdentityCache identities, RingFactory rings) {}

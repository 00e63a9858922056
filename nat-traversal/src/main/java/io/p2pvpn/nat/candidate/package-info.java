/**
 * Endpoint candidates: where others can try to reach this node (the host and server-reflexive candidates of RFC 8445
 * section 5.1.1, the latter learned from ring peers instead of a STUN server). Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.nat.candidate;

import org.jspecify.annotations.NullMarked;

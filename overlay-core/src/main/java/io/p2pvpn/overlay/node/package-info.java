/**
 * One node: its keys, sessions, links and rings, wired together; and the way into the public ring.
 *
 * <p>Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.overlay.node;

import org.jspecify.annotations.NullMarked;

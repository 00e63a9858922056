/**
 * The ring: who stands beside whom, how a message finds the node nearest to a position, and calls over it.
 *
 * <p>One {@code Ring} per ring that the node is in (the public one, and one for each namespace); sessions are shared by
 * all of them. Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.overlay.ring;

import org.jspecify.annotations.NullMarked;

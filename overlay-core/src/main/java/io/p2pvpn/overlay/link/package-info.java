/**
 * The one table of links: who wants a session with whom, and why. Owners (ring maintenance, chotas, the bootstrapper)
 * state wishes; the table dials, keeps alive and lets go. Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.overlay.link;

import org.jspecify.annotations.NullMarked;

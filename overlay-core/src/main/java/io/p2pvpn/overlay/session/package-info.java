/**
 * Sessions: who the peer is, proven by one Noise handshake, and the keys that seal frames to it.
 *
 * <p>A session outlives its keys (epochs, replaced by rekeying) and its paths. The pieces:
 *
 * <pre>
 *   Transport -> SessionLayer -> Epoch (by receiver index) -> Session -> SessionListener
 *                     |
 *                     +-> Initiation (our handshakes), Responder (theirs), CookieJar (when there are too many)
 * </pre>
 *
 * <p>Confined to the node's loop. docs/protocol.md sections 3 to 5 give the messages.
 */
@NullMarked
package io.p2pvpn.overlay.session;

import org.jspecify.annotations.NullMarked;

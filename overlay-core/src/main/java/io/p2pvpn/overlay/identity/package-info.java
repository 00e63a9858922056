/**
 * Who a node is: an Ed25519 identity key, the X25519 key it is known by in the Noise handshake, and the overlay ids
 * that follow from them.
 *
 * <p>Everything here is immutable and may be used by any thread.
 */
@NullMarked
package io.p2pvpn.overlay.identity;

import org.jspecify.annotations.NullMarked;

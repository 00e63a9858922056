/**
 * Positions on the overlay's ring and the arithmetic of the ring.
 *
 * <p>The ring is the set of integers modulo 2<sup>160</sup>; clockwise is the direction of increasing values.
 * Everything here is an immutable value and may be used by any thread.
 */
@NullMarked
package io.p2pvpn.overlay.id;

import org.jspecify.annotations.NullMarked;

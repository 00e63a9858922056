/**
 * Where a node stands in the space of round trips, as messages carry it and as who chooses among nodes sees it. How a
 * node finds its place is not said here: that is a {@link io.p2pvpn.overlay.coordinate.CoordinateSpace}.
 */
@NullMarked
package io.p2pvpn.overlay.coordinate;

import org.jspecify.annotations.NullMarked;

/** Ways through NAT boxes whose outside ports nobody can know: predicted ones, and many at once. */
@NullMarked
package io.p2pvpn.nat.punch;

import org.jspecify.annotations.NullMarked;

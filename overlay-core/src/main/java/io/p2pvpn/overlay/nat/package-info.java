/** What the ends of a session tell each other about the NAT boxes in front of them. */
@NullMarked
package io.p2pvpn.overlay.nat;

import org.jspecify.annotations.NullMarked;

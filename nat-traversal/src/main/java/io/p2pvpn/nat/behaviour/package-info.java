/** How the NAT boxes in front of this node behave, learned from what its peers see. */
@NullMarked
package io.p2pvpn.nat.behaviour;

import org.jspecify.annotations.NullMarked;

/** Nodes on one link find each other without a bootstrap node. */
@NullMarked
package io.p2pvpn.nat.lan;

import org.jspecify.annotations.NullMarked;

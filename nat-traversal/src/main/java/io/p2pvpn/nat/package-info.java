/** NAT traversal of one node: where it can be reached, what stands in the way, and how to get through. */
@NullMarked
package io.p2pvpn.nat;

import org.jspecify.annotations.NullMarked;

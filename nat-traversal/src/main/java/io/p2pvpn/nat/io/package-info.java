/** The host's way to its router: the routing table, sockets on the node's loop. */
@NullMarked
package io.p2pvpn.nat.io;

import org.jspecify.annotations.NullMarked;

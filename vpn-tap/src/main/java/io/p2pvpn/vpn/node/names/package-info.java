/** Names on a host: a responder on each device's own address, and the host's resolver told about it. */
@NullMarked
package io.p2pvpn.vpn.node.names;

import org.jspecify.annotations.NullMarked;

/**
 * The names of a namespace's members as the domain name system has them: zones, questions and answers. Protocol code:
 * sockets and the host's resolver are in {@code io.p2pvpn.vpn.node.names}.
 */
@NullMarked
package io.p2pvpn.vpn.names;

import org.jspecify.annotations.NullMarked;

/**
 * What is for several hosts at once: multicast groups and broadcasts, and who behind this node's device wants which
 * group. Confined to the node's loop; values are immutable.
 */
@NullMarked
package io.p2pvpn.vpn.group;

import org.jspecify.annotations.NullMarked;

/**
 * The embeddable node: a host's runtime, the overlay, its namespaces, and the control API over them.
 *
 * <p>{@link io.p2pvpn.vpn.node.VpnNode} may be used from any thread; everything else is confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.vpn.node;

import org.jspecify.annotations.NullMarked;

/**
 * Namespaces: finding, founding and entering a private ring, holding an address in it, and knowing its members.
 *
 * <pre>
 *   Membership: doors (public DHT) -> knock -> descriptor -> private ring -> lease (its DHT) -> device and routes
 * </pre>
 *
 * <p>Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.vpn.namespace;

import org.jspecify.annotations.NullMarked;

/**
 * A namespace as an Ethernet: what stands between a TAP device and the data plane, which knows IP packets only.
 *
 * <pre>
 *   device --frame--&gt; EthernetPart: addressed to us? sender's own address? --IP packet--&gt; data plane
 *                       | ARP, neighbour discovery, DHCP, beacons
 *                       v
 *                     EthernetPort: AddressAnswers, DhcpService, GuestBook, LoopGuard
 *   device &lt;-frame--- EthernetPart: header for the receiver of our side &lt;--IP packet-- data plane
 * </pre>
 *
 * <p>Machines behind the device, as ports of the same bridge, are its guests: each has an address that is leased to
 * this node for it. All other members stand behind one hardware address of this node's own.
 *
 * <p>Thread rule: everything is confined to the node's loop, but an {@link io.p2pvpn.vpn.ethernet.EthernetPart} to its
 * queue; what parts share is published as immutable {@link io.p2pvpn.vpn.ethernet.Neighbours}. Nothing allocates per
 * packet.
 */
@NullMarked
package io.p2pvpn.vpn.ethernet;

import org.jspecify.annotations.NullMarked;

/**
 * The data plane: what moves IP packets between the device and the sessions of members.
 *
 * <pre>
 *   device --read--&gt; Outbound: look-up, Segmenter -- frame --&gt; SealedBatch -- seal --&gt; PeerTunnel
 *   device &lt;-write-- Coalescer &lt;-- Inbound: addresses and rules checked &lt;-- frame -- session
 *
 *   frame's plaintext: [kind][channel][IP packet]
 * </pre>
 *
 * <p>A packet's kind says what its TCP or UDP checksum field holds: 1 a complete checksum, 2 the pseudo-header's sum
 * only (between two hosts with offloads nobody ever computes the rest). A destination without a route goes to the
 * {@link io.p2pvpn.vpn.data.UnresolvedHandler}.
 *
 * <p>Under pressure nothing is dropped here: while the underlay takes no frames the device is not read.
 *
 * <p>Thread rule: everything is confined to the node's loop. Nothing allocates per packet on the way of packets with a
 * known route.
 */
@NullMarked
package io.p2pvpn.vpn.data;

import org.jspecify.annotations.NullMarked;

/**
 * IP packets as bytes: parsing, checksums, segmentation and its way back, MSS clamping, ICMP errors.
 *
 * <p>A device with offloads hands over one super-packet behind a {@link io.p2pvpn.vpn.packet.VnetHeader}. The {@link
 * io.p2pvpn.vpn.packet.Segmenter} cuts it into packets that each stand alone; the {@link
 * io.p2pvpn.vpn.packet.Coalescer} of the receiver merges such packets again:
 *
 * <pre>
 *   device -- [vnet][IP][TCP][payload of up to 64 KiB] --&gt; Segmenter -- [IP][TCP][payload of gso_size] ... --&gt;
 *   device &lt;-- [vnet][IP][TCP][payload of up to 64 KiB] -- Coalescer &lt;-- [IP][TCP][payload of gso_size] ... --
 * </pre>
 *
 * <p>Thread rule: static functions are pure; objects are confined to one thread. Nothing here does I/O or allocates per
 * packet. All multi-byte fields of packets are big endian.
 */
@NullMarked
package io.p2pvpn.vpn.packet;

import org.jspecify.annotations.NullMarked;

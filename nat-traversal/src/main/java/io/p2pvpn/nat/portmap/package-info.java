/**
 * Port mapping: asks the home router for a port that leads here, by PCP (RFC 6887), NAT-PMP (RFC 6886) or UPnP-IGD.
 *
 * <pre>
 *   PortMapper ──┬── PcpClient ──── PcpCodec ────┐
 *                ├── NatPmpClient ─ NatPmpCodec ─┼── UdpExchange ─┐
 *                └── UpnpClient ─┬─ SsdpCodec ───┘                ├── GatewayAccess (sockets, default route)
 *                                └─ UpnpXml, HttpReply ───────────┘
 * </pre>
 *
 * <p>The codecs trust nothing: whoever is on the local network can send what they parse. Everything is confined to the
 * node's loop.
 */
@NullMarked
package io.p2pvpn.nat.portmap;

import org.jspecify.annotations.NullMarked;

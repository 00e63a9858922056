package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.node.OverlayNode;

/**
 * What a membership is given by the node that it is of.
 *
 * @param node the overlay
 * @param publicDht the DHT of the public ring
 * @param identity our keys
 * @param devices where its device comes from
 * @param channel the number under which peers send us this namespace's packets
 */
public record MembershipHost(OverlayNode node, Dht publicDht, Identity identity, DeviceProvider devices, int channel) {}

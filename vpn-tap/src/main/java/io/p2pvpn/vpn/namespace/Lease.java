package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;

/**
 * Who holds a virtual address.
 *
 * @param ipv4 the address
 * @param holder the member's keys
 * @param place the member's ID in the namespace's ring
 * @param hostName what it calls itself
 */
public record Lease(int ipv4, PublicIdentity holder, OverlayId place, String hostName) {}

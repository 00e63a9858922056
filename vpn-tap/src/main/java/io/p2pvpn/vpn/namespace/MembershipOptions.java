package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.tun.Cidr;
import org.jspecify.annotations.Nullable;

/**
 * What a join asks for.
 *
 * @param name of the namespace
 * @param pinned its ID, or null if whoever holds the name will do
 * @param open found it as open, and enter no other kind
 * @param invite what lets us in, or null to ask
 * @param hostName our name inside; an administrator may have chosen another
 * @param ipv4 the virtual address to take, or null for any
 * @param prefix of a namespace that we found, or null for a random one
 * @param device name of the device, or null for the first free one
 * @param withDevice whether there is a device at all
 * @param mtuBytes of the device, or 0 for what the underlay carries
 * @param offload whether the device may hand over super-packets
 * @param tap whether the device is an Ethernet one
 */
public record MembershipOptions(
        String name,
        @Nullable OverlayId pinned,
        boolean open,
        @Nullable InviteToken invite,
        String hostName,
        @Nullable Integer ipv4,
        @Nullable Cidr prefix,
        @Nullable String device,
        boolean withDevice,
        int mtuBytes,
        boolean offload,
        boolean tap) {
    /** With a device of IP packets, or none. */
    public MembershipOptions(
            String name,
            @Nullable OverlayId pinned,
            boolean open,
            @Nullable InviteToken invite,
            String hostName,
            @Nullable Integer ipv4,
            @Nullable Cidr prefix,
            @Nullable String device,
            boolean withDevice,
            int mtuBytes,
            boolean offload) {
        this(name, pinned, open, invite, hostName, ipv4, prefix, device, withDevice, mtuBytes, offload, false);
    }

    /** The same with an Ethernet device. */
    public MembershipOptions withTap() {
        return new MembershipOptions(
                name, pinned, open, invite, hostName, ipv4, prefix, device, true, mtuBytes, offload, true);
    }
}

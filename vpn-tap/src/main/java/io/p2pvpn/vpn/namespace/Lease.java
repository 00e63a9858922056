package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.vpn.trust.MemberCredential;
import org.jspecify.annotations.Nullable;

/**
 * Who holds a virtual address.
 *
 * @param ipv4 the address
 * @param holder the member's keys
 * @param place the member's ID in the namespace's ring
 * @param hostName what it calls itself, or its guest
 * @param memberIpv4 of a guest of that member, behind its TAP device: the member's own address; 0 for its own
 * @param credential what it showed when it took the address; null in an open namespace
 */
public record Lease(
        int ipv4,
        PublicIdentity holder,
        OverlayId place,
        String hostName,
        int memberIpv4,
        @Nullable MemberCredential credential) {
    /** Whether the address is that of a guest, not the member's own. */
    public boolean isGuest() {
        return memberIpv4 != 0;
    }
}

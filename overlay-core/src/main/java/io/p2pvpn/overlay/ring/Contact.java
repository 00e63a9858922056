package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.List;

/**
 * All that is needed to reach a member.
 *
 * @param ringId its position in the ring that the contact belongs to
 * @param identity its keys
 * @param endpoints where it was seen, most promising first, at most {@link #ENDPOINTS_MAX}
 * @param bootId which run of its process is meant, {@link #ANY_BOOT} if that is not known
 */
public record Contact(OverlayId ringId, PublicIdentity identity, List<Endpoint> endpoints, long bootId) {
    /** The most endpoints that a contact carries. */
    public static final int ENDPOINTS_MAX = 8;

    /** The boot ID of a contact that may be of any run. */
    public static final long ANY_BOOT = 0;

    /** A contact that may be of any run of the member's process. */
    public Contact(OverlayId ringId, PublicIdentity identity, List<Endpoint> endpoints) {
        this(ringId, identity, endpoints, ANY_BOOT);
    }

    /** Keeps the first {@link #ENDPOINTS_MAX} endpoints. */
    public Contact {
        endpoints = List.copyOf(endpoints.subList(0, Math.min(endpoints.size(), ENDPOINTS_MAX)));
    }
}

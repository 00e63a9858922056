package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * A broadcast that arrived.
 *
 * @param source who says to have sent it: claimed, not proven, as with {@link RingCall}
 * @param hops links that it crossed, 1 or more
 * @param payload the content; treat as read-only
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a value
public record Broadcast(OverlayId source, int hops, byte[] payload) {}

package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * A call that arrived.
 *
 * @param source who says to have sent it: claimed, not proven; records are signed by their owners instead
 * @param target the position it was sent to
 * @param request the body; treat as read-only
 */
public record RingCall(OverlayId source, OverlayId target, byte[] request) {}

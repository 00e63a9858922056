package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;

/**
 * An answer to a call.
 *
 * @param responder who answered
 * @param hops links that the request crossed
 * @param body the answer; treat as read-only
 */
public record RingReply(OverlayId responder, int hops, byte[] body) {}

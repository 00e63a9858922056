package io.p2pvpn.overlay.link;

import io.p2pvpn.overlay.id.OverlayId;

/** Hears of links that could not be made. */
public interface LinkListener {
    /** Nobody with these keys answered; all wishes for this link are forgotten. */
    void onLinkFailed(OverlayId nodeId, String reason);
}

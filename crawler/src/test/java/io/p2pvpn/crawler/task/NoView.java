package io.p2pvpn.crawler.task;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;

/** Sees nothing. */
final class NoView implements NeighbourView {
    @Override
    public NodeReport look(Ring ring) {
        throw new IllegalStateException();
    }

    @Override
    public Acquaintance about(Ring ring, OverlayId member) {
        throw new IllegalStateException();
    }
}

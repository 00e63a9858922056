package io.p2pvpn.crawler.task;

import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.overlay.id.OverlayId;

/** Sees nothing. */
final class NoView implements NeighbourView {
    @Override
    public NodeReport look(TaskRing ring) {
        throw new IllegalStateException();
    }

    @Override
    public Acquaintance about(TaskRing ring, OverlayId member) {
        throw new IllegalStateException();
    }
}

package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;

/** Makes the parts that a ring is composed of. */
class RingParts {
    NeighbourTable table(OverlayId self) {
        return new NeighbourTable(self);
    }

    RingRouter router(Ring ring, NeighbourTable table) {
        return new RingRouter(ring, table);
    }

    RingMaintenance maintenance(Ring ring, RingHost host, NeighbourTable table) {
        return new RingMaintenance(ring, host, table);
    }
}

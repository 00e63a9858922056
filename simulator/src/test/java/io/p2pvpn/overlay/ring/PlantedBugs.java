package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import org.jspecify.annotations.Nullable;

/** Rings with one classic mistake each, to see that a checker notices. */
public enum PlantedBugs implements RingFactory {
    /** Takes whoever is named for a neighbour, over the session with the one who knows the way. */
    ADOPTS_UNSPOKEN {
        @Override
        public Ring create(RingHost host, RingConfig config) {
            return new Ring(host, config, new RingParts() {
                @Override
                NeighbourTable table(OverlayId self) {
                    return new HearsayTable(self);
                }
            });
        }
    },
    /** Becomes a member beside whoever it met first, without asking the one that covers its place. */
    JOINS_WITHOUT_LIST {
        @Override
        public Ring create(RingHost host, RingConfig config) {
            return new Ring(host, config, new RingParts() {
                @Override
                RingMaintenance maintenance(Ring ring, RingHost ringHost, NeighbourTable table) {
                    return new ListlessMaintenance(ring, ringHost, table);
                }
            });
        }
    },
    /** Does not take up a new neighbour that presents itself. */
    NEVER_RECTIFIES {
        @Override
        public Ring create(RingHost host, RingConfig config) {
            return new Ring(host, config, new RingParts() {
                @Override
                RingMaintenance maintenance(Ring ring, RingHost ringHost, NeighbourTable table) {
                    return new StubbornMaintenance(ring, ringHost, table);
                }
            });
        }
    },
    /** Counts on a link as soon as it is called. */
    ACTS_BEFORE_LINKED {
        @Override
        public Ring create(RingHost host, RingConfig config) {
            return new Ring(host, config, new RingParts() {
                @Override
                RingMaintenance maintenance(Ring ring, RingHost ringHost, NeighbourTable table) {
                    return new HastyMaintenance(ring, ringHost, table);
                }
            });
        }
    };

    private static final class HearsayTable extends NeighbourTable {
        HearsayTable(OverlayId self) {
            super(self);
        }

        @Override
        boolean add(Contact contact) {
            boolean added = super.add(contact);
            RingPeer teller = nearestEdge(contact.ringId());
            if (added && teller != null) {
                RingPeer unspoken = new RingPeer(contact.ringId(), teller.session(), 0, new byte[0]);
                unspoken.onStatus(true, 0, 0, 0);
                add(unspoken);
            }
            return added;
        }
    }

    private static final class ListlessMaintenance extends RingMaintenance {
        ListlessMaintenance(Ring ring, RingHost host, NeighbourTable table) {
            super(ring, host, table);
        }

        @Override
        void startJoin() {
            onListReceived();
        }
    }

    private static final class StubbornMaintenance extends RingMaintenance {
        private final Ring ring;
        private final NeighbourTable table;

        StubbornMaintenance(Ring ring, RingHost host, NeighbourTable table) {
            super(ring, host, table);
            this.ring = ring;
            this.table = table;
        }

        @Override
        void onStatus(RingPeer peer, RingStatus status) {
            boolean isStranger = ring.isJoined() && !peer.isJoined() && table.contact(peer.id()) == null;
            if (!isStranger || ring.near(true).isEmpty()) {
                super.onStatus(peer, status);
            }
        }
    }

    private static final class HastyMaintenance extends RingMaintenance {
        private final NeighbourTable table;

        HastyMaintenance(Ring ring, RingHost host, NeighbourTable table) {
            super(ring, host, table);
            this.table = table;
        }

        @Override
        boolean isLinkedToFirst(boolean clockwise) {
            @Nullable OverlayId first = table.first(clockwise);
            return first != null;
        }
    }
}

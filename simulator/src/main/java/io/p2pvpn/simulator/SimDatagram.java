package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/** A datagram on its way; fires when it arrives. Its bytes never change, so copies and taps share them. */
final class SimDatagram extends SimEvent {
    /** The sender of what a test injected: no link, no fault. */
    static final int INJECTED = -1;

    private final int sender;
    private final Realm realm;
    private final Endpoint from;
    private final Endpoint to;
    private final byte[] bytes;
    private final int trafficClass;
    private final @Nullable SimHost aim;

    SimDatagram(
            int sender,
            Realm realm,
            Endpoint from,
            Endpoint to,
            byte[] bytes,
            int trafficClass,
            @Nullable SimHost aim) {
        this.sender = sender;
        this.realm = realm;
        this.from = from;
        this.to = to;
        this.bytes = bytes;
        this.trafficClass = trafficClass;
        this.aim = aim;
    }

    /** Who had the destination address when this was sent, or null: saves a search unless the address moved. */
    @Nullable
    SimHost aim() {
        return aim;
    }

    /** Id of the host it came from, or {@link #INJECTED}. */
    int sender() {
        return sender;
    }

    /** Where its addresses hold. */
    Realm realm() {
        return realm;
    }

    Endpoint from() {
        return from;
    }

    Endpoint to() {
        return to;
    }

    /** Not a copy: to be read only. */
    byte[] bytes() {
        return bytes;
    }

    /** What its IP header has. */
    int trafficClass() {
        return trafficClass;
    }

    @Override
    void fire(SimWorld world, long sequence) {
        world.network().arrive(this, sequence);
    }

    @Override
    int touch(int step) {
        if (step == 1) {
            return bytes.length == 0 ? 0 : bytes[bytes.length - 1];
        }
        return aim == null ? 0 : aim.touch(step - 1);
    }
}

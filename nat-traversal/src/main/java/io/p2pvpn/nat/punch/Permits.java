package io.p2pvpn.nat.punch;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;

/**
 * What a search for one peer may send to an address that this peer named: as many bytes as came from the peer since it
 * began, and not one more, so that nobody is made to send more to a third party than he was sent himself. Each end pays
 * for what it asks of the other. Confined to the node's loop.
 */
final class Permits {
    private static final long GAP_NANOS = 50_000_000L;

    private final NodeRuntime runtime;
    private final Session session;
    private final long receivedBefore;
    private long spent;

    /** Begins to count. */
    Permits(NodeRuntime runtime, Session session) {
        this.runtime = runtime;
        this.session = session;
        this.receivedBefore = session.receivedBytes();
    }

    /** Whether one more knock is paid for; counts it if so. */
    boolean take() {
        if (spent + Session.KNOCK_BYTES > session.receivedBytes() - receivedBefore) {
            return false;
        }
        spent += Session.KNOCK_BYTES;
        runtime.counters().counter("nat.punch.packets").increment();
        return true;
    }

    /** Pays for so many knocks of the peer, little by little, until they are not needed any more. */
    void pay(int knocks) {
        if (knocks > 0 && session.isOpen() && !session.isOverUdp()) {
            session.permit();
            runtime.timers().schedule(GAP_NANOS, () -> pay(knocks - Session.PERMIT_BYTES / Session.KNOCK_BYTES));
        }
    }
}

package io.p2pvpn.simulator;

import java.util.Comparator;

/** An event that is only queued. */
final class Marker extends SimEvent {
    /** The order in which queued events happen. */
    static final Comparator<Marker> ORDER =
            Comparator.comparingLong((Marker m) -> m.nanos).thenComparingLong(m -> m.sequence);

    final long nanos;
    final long sequence;
    boolean isLive = true;

    Marker(long nanos, long sequence) {
        this.nanos = nanos;
        this.sequence = sequence;
    }

    @Override
    void fire(SimWorld world, long firedSequence) {
        throw new AssertionError("never fired");
    }

    @Override
    boolean isLive() {
        return isLive;
    }
}

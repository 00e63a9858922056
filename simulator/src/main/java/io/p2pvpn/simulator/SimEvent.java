package io.p2pvpn.simulator;

/** Something that happens at an instant of virtual time. */
interface SimEvent {
    /**
     * Happens.
     *
     * @param sequence the number this event was queued under; an event that puts itself off is queued again under the
     *     same number and so keeps its rank
     */
    void fire(SimWorld world, long sequence);

    /** False when firing would do nothing, so that the queue may forget the event. */
    default boolean isLive() {
        return true;
    }
}

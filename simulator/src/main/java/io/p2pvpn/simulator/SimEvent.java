package io.p2pvpn.simulator;

/** Something that happens at an instant of virtual time. */
abstract class SimEvent {
    /** How many times {@link #touch} is called ahead of an event, each time one step further. */
    static final int STEPS = 4;

    /** Of no meaning: it is there to be read. */
    private final int presence;

    SimEvent() {
        presence = 1;
    }

    /**
     * Happens.
     *
     * @param sequence the number this event was queued under; an event that puts itself off is queued again under the
     *     same number and so keeps its rank
     */
    abstract void fire(SimWorld world, long sequence);

    /** False when firing would do nothing, so that the queue may forget the event. */
    boolean isLive() {
        return true;
    }

    /** Reads the event itself, and returns something that depends on it. */
    final int touch() {
        return presence;
    }

    /**
     * Reads what firing will read first, one object further with each step: in a large world nothing of it is in the
     * processor's cache, and it waits less for the objects of many events at a time than for one after the other.
     *
     * @param step from 1
     * @return something that depends on what was read
     */
    int touch(int step) {
        return step;
    }
}

package io.p2pvpn.overlay.ring;

/** Lets a scenario take the steps of a ring's maintenance that otherwise wait for a timer. */
public final class RingSteps {
    private RingSteps() {}

    /** Zave's stabilise: compares notes with the first neighbours. */
    public static void stabilise(Ring ring) {
        ring.maintenance().stabilise();
    }

    /** The first half of Zave's rectify: tells the neighbours about itself; their taking it up is the second. */
    public static void notifyNeighbours(Ring ring) {
        ring.maintenance().pushStatus();
    }
}

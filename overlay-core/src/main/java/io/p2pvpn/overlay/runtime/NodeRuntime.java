package io.p2pvpn.overlay.runtime;

import java.util.random.RandomGenerator;

/** Everything that one node sees of its environment; the single argument that separates a host from a simulation. */
public interface NodeRuntime {
    /** Time. */
    Clock clock();

    /** The node's loop. */
    Timers timers();

    /** Randomness for protocol choices (jitter, indices); seeded in simulation. Not for keys. */
    RandomGenerator random();

    /** Randomness for keys. */
    KeySource keys();

    /** The underlay. */
    Transport transport();

    /** What survives a restart. */
    Store store();

    /** What is counted. */
    Counters counters();

    /** Where blocking work goes. */
    Blocking blocking();
}

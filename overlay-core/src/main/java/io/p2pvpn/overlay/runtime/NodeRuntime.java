package io.p2pvpn.overlay.runtime;

import java.util.List;
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

    /** Queues of the data plane beside the loop, numbered from 1 without a gap; none where the loop does it all. */
    default List<DataQueue> queues() {
        return List.of();
    }
}

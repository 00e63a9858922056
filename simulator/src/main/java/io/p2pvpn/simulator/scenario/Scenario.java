package io.p2pvpn.simulator.scenario;

/** One thing that can be done to a world of nodes, and what is measured meanwhile. Immutable. */
public interface Scenario {
    /** Whether its measured part can be cut short, see {@link Simulation#isTimeUp}. */
    default boolean canEndEarly() {
        return false;
    }

    /** What it is, and what can be chosen. */
    Profile profile();

    /**
     * Runs it.
     *
     * @throws SimulationException if there is nothing to be measured
     */
    Outcome run(Simulation simulation) throws SimulationException;
}

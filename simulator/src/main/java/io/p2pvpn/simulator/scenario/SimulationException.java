package io.p2pvpn.simulator.scenario;

/** A simulation came to nothing; the message says why, in one line. */
public final class SimulationException extends Exception {
    private static final long serialVersionUID = 1L;

    SimulationException(String message) {
        super(message);
    }
}

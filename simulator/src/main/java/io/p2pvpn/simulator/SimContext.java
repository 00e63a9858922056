package io.p2pvpn.simulator;

/** Rides along with a failure as a suppressed exception, to say where in which world it happened. */
final class SimContext extends RuntimeException {
    SimContext(String message) {
        super(message, null, false, false);
    }
}

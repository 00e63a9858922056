package io.p2pvpn.simulator;

/** An invariant of the ring did not hold. The message says which, where, and how the ring stood. */
public final class RingViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String invariant;

    RingViolation(String invariant, String detail) {
        super(invariant + ": " + detail);
        this.invariant = invariant;
    }

    /** Its short name: P1 to P6, S0 to S2. */
    public String invariant() {
        return invariant;
    }
}

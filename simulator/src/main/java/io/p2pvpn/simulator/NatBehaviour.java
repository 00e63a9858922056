package io.p2pvpn.simulator;

/**
 * How a NAT box treats UDP, in the terms of RFC 4787.
 *
 * @param mapping which destinations share one outside port (section 4.1)
 * @param filtering who may answer to it (section 5)
 * @param ports how outside ports are chosen (section 4.2)
 * @param hairpinning whether hosts behind it reach each other at their outside addresses (section 6)
 * @param timeoutNanos idle time after which a mapping is gone (section 4.3); only what goes out keeps one
 */
public record NatBehaviour(Scope mapping, Scope filtering, PortChoice ports, boolean hairpinning, long timeoutNanos) {
    /** What a mapping or a filter looks at, besides the inside endpoint. */
    public enum Scope {
        /** Nothing: one for all. */
        ENDPOINT_INDEPENDENT,
        /** The other side's address. */
        ADDRESS_DEPENDENT,
        /** The other side's address and port. */
        ADDRESS_AND_PORT_DEPENDENT
    }

    /** How a new outside port is chosen. */
    public enum PortChoice {
        /** The inside one, if it is free; else the next free one. */
        PRESERVING,
        /** The one after the last. */
        SEQUENTIAL,
        /** Any. */
        RANDOM
    }

    private static final long TIMEOUT_NANOS = 120_000_000_000L;

    /** "Full cone": whoever knows the outside endpoint gets in. */
    public static final NatBehaviour FULL_CONE = cone(Scope.ENDPOINT_INDEPENDENT);

    /** "Restricted": whatever the port, from addresses that were written to. */
    public static final NatBehaviour RESTRICTED = cone(Scope.ADDRESS_DEPENDENT);

    /** "Port-restricted": from endpoints that were written to, as most home routers do it. */
    public static final NatBehaviour PORT_RESTRICTED = cone(Scope.ADDRESS_AND_PORT_DEPENDENT);

    /** "Symmetric": a new random port for each destination. */
    public static final NatBehaviour SYMMETRIC = new NatBehaviour(
            Scope.ADDRESS_AND_PORT_DEPENDENT,
            Scope.ADDRESS_AND_PORT_DEPENDENT,
            PortChoice.RANDOM,
            false,
            TIMEOUT_NANOS);

    private static NatBehaviour cone(Scope filtering) {
        return new NatBehaviour(Scope.ENDPOINT_INDEPENDENT, filtering, PortChoice.PRESERVING, false, TIMEOUT_NANOS);
    }

    /** The same with another choice of ports. */
    public NatBehaviour withPorts(PortChoice newPorts) {
        return new NatBehaviour(mapping, filtering, newPorts, hairpinning, timeoutNanos);
    }

    /** The same with or without hairpinning. */
    public NatBehaviour withHairpinning(boolean newHairpinning) {
        return new NatBehaviour(mapping, filtering, ports, newHairpinning, timeoutNanos);
    }

    /** The same with another time-out. */
    public NatBehaviour withTimeoutNanos(long newTimeoutNanos) {
        return new NatBehaviour(mapping, filtering, ports, hairpinning, newTimeoutNanos);
    }
}

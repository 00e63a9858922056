package io.p2pvpn.simulator;

/** What a member stands behind. */
enum HostKind {
    OPEN,
    FULL_CONE,
    RESTRICTED,
    PORT_RESTRICTED,
    /** A home router behind a carrier's. */
    CGN,
    SYMMETRIC,
    UDP_BLOCKED;

    SimHost host(SimNetwork network, String name) {
        return switch (this) {
            case OPEN -> network.addHost(name);
            case FULL_CONE -> network.addNat(NatBehaviour.FULL_CONE).addHost(name);
            case RESTRICTED -> network.addNat(NatBehaviour.RESTRICTED).addHost(name);
            case PORT_RESTRICTED -> network.addNat(NatBehaviour.PORT_RESTRICTED).addHost(name);
            case CGN ->
                network.addNat(NatBehaviour.PORT_RESTRICTED)
                        .addNat(NatBehaviour.PORT_RESTRICTED)
                        .addHost(name);
            case SYMMETRIC -> network.addNat(NatBehaviour.SYMMETRIC).addHost(name);
            case UDP_BLOCKED -> {
                SimNat nat = network.addNat(NatBehaviour.PORT_RESTRICTED);
                nat.setPassesUdp(false);
                yield nat.addHost(name);
            }
        };
    }
}

package io.p2pvpn.simulator;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a host stands behind, from the easiest to reach to the hardest. */
public enum HostKind {
    /** Nothing. */
    OPEN,
    /** {@link NatBehaviour#FULL_CONE}. */
    FULL_CONE,
    /** {@link NatBehaviour#RESTRICTED}. */
    RESTRICTED,
    /** {@link NatBehaviour#PORT_RESTRICTED}. */
    PORT_RESTRICTED,
    /** A home router behind a carrier's. */
    CGN,
    /** {@link NatBehaviour#SYMMETRIC}. */
    SYMMETRIC,
    /** A box that lets streams out, and nothing else. */
    UDP_BLOCKED;

    /** Adds such a host. */
    public SimHost host(SimNetwork network, String name) {
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

    /**
     * So many kinds in these proportions, open ones first, the others mixed evenly.
     *
     * @param weights how common each kind is; those that are not named are not there
     */
    public static List<HostKind> mix(int count, Map<HostKind, Double> weights) {
        double sum = weights.values().stream().mapToDouble(weight -> weight).sum();
        List<HostKind> kinds = new ArrayList<>();
        Map<HostKind, Double> due = new EnumMap<>(HostKind.class);
        for (int i = 0; i < count; i++) {
            HostKind most = OPEN;
            for (HostKind kind : values()) {
                due.merge(kind, weights.getOrDefault(kind, 0.0) / sum, Double::sum);
                most = due.getOrDefault(kind, 0.0) > due.getOrDefault(most, 0.0) ? kind : most;
            }
            due.merge(most, -1.0, Double::sum);
            kinds.add(most);
        }
        kinds.sort((a, b) -> Boolean.compare(b == OPEN, a == OPEN));
        return kinds;
    }
}

package io.p2pvpn.simulator;

/** Says what each direction of each way is like; asked for every batch, so it must be quick and always say the same. */
@FunctionalInterface
public interface LinkPolicy {
    /** The link from one host to another. */
    LinkModel between(SimHost from, SimHost to);
}

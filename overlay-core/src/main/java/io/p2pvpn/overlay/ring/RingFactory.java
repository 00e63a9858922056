package io.p2pvpn.overlay.ring;

/** How a node makes its rings. */
@FunctionalInterface
public interface RingFactory {
    /** A ring that the node is not yet a member of. */
    Ring create(RingHost host, RingConfig config);
}

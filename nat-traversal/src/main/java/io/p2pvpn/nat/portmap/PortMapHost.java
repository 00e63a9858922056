package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.NodeRuntime;

/**
 * What a client works with.
 *
 * @param runtime of the node
 * @param access to the gateway
 * @param gateway which one
 */
record PortMapHost(NodeRuntime runtime, GatewayAccess access, GatewayAccess.Gateway gateway) {
    /** What a message that could not be used was dropped for. */
    void drop(String reason) {
        runtime.counters().counter("portmap.drop." + reason).increment();
    }
}

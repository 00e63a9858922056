package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.id.OverlayId;
import org.jspecify.annotations.Nullable;

/**
 * A node that is asked for the way into the public ring.
 *
 * @param host name or address
 * @param port its port, UDP and TCP
 * @param pinned the ID that must answer, or null if anybody at that address may
 */
public record BootstrapTarget(
        String host, int port, @Nullable OverlayId pinned) {
    @Override
    public String toString() {
        return host + ":" + port;
    }
}

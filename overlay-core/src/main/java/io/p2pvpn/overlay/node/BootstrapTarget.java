package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A node that is asked for the way into the public ring.
 *
 * @param host name or address
 * @param port its port
 * @param kind the only way to go there; null for UDP, then TCP, then TLS there and on port 443
 * @param pinned the ID that must answer, or null if anybody at that address may
 */
public record BootstrapTarget(
        String host,
        int port,
        Endpoint.@Nullable Kind kind,
        @Nullable OverlayId pinned) {
    /** A node that is asked over whatever gets there. */
    public BootstrapTarget(String host, int port, @Nullable OverlayId pinned) {
        this(host, port, null, pinned);
    }

    @Override
    public String toString() {
        String scheme = kind == null ? "" : kind.name().toLowerCase(Locale.ROOT) + "://";
        return scheme + host + ":" + port;
    }
}

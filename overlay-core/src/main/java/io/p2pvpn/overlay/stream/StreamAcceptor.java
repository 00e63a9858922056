package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.session.Session;
import org.jspecify.annotations.Nullable;

/** Decides about the streams that peers open. */
public interface StreamAcceptor {
    /**
     * A peer opens a stream. Whoever takes it sets a listener before returning.
     *
     * @param channel of the namespace, as this node numbers them
     * @param service what the peer asks for
     * @return null if it is taken, else why not
     */
    @Nullable
    StreamError onOpen(Session from, int channel, String service, ByteStream stream);
}

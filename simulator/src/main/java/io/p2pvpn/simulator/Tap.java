package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/** Someone on the way who sees every frame as it is sent, and may change or swallow it. For tests. */
@FunctionalInterface
public interface Tap {
    /**
     * A frame leaves a host, before any fault of the link.
     *
     * @param from the sender's address; its kind tells a datagram from a frame of a stream
     * @param frame never changes, so it may be kept; a changed frame is a new array
     * @return the frame to carry on with: {@code frame} itself, another one, or null to swallow it (a stream breaks)
     */
    byte @Nullable [] onFrame(long nowNanos, Endpoint from, Endpoint to, byte[] frame);

    /**
     * The same datagram's traffic class, asked for after its bytes.
     *
     * @return the class to carry on with: a router that is full sets the last two bits of one whose last two are not 0
     */
    default int onTrafficClass(Endpoint from, Endpoint to, int trafficClass) {
        return trafficClass;
    }
}

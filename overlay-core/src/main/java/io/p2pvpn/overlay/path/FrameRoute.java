package io.p2pvpn.overlay.path;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.Transport;
import org.jspecify.annotations.Nullable;

/** One way to send frames towards a peer. Equal routes lead the same way (implementations define equals). */
public interface FrameRoute {
    /** How frames travel; the declared order is the order of preference. */
    enum Kind {
        /** Datagrams straight to the peer. */
        UDP,
        /** A stream straight to the peer. */
        TCP,
        /** The same inside TLS. */
        TLS,
        /** Through one relay that swaps labels. */
        RELAY,
        /** Hop by hop along a ring. */
        RING
    }

    /** How frames travel here. */
    Kind kind();

    /** The peer's address, or null where the way is not a direct one. */
    @Nullable
    Endpoint endpoint();

    /**
     * Sends frames of {@code segmentBytes} each (the last may be shorter).
     *
     * @param trafficClass as {@link Transport#send} has it; only datagrams keep it
     * @return false when they were dropped for want of room or of a way
     */
    boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass);

    /** Sends one frame over a UDP way that nobody may cut: it arrives whole or not at all. False if it was dropped. */
    default boolean sendUncut(byte[] buffer, int offset, int length) {
        return send(buffer, offset, length, length, Transport.CLASS_DEFAULT);
    }

    /** The largest IP packet of the interface by which frames leave over UDP; 0 if sizes cannot be tried here. */
    default int linkMtuBytes() {
        return 0;
    }

    /** The most bytes of a frame that our leg to a relay is known to carry, or 0. */
    default int legFrameBytes() {
        return 0;
    }

    /** What the interface of this host may be used for by which frames leave; on where there is more than one. */
    default InterfaceUse use() {
        return InterfaceUse.ON;
    }

    /** The node that forwards, if there is exactly one, else null. */
    default @Nullable OverlayId via() {
        return null;
    }

    /** No path of the session with {@code nodeId} uses this way any more. */
    default void onDropped(OverlayId nodeId) {
        // Most ways keep nothing.
    }

    /** True for a way straight to the peer. */
    default boolean isDirect() {
        return kind().compareTo(Kind.TLS) <= 0;
    }
}

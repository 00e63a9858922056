package io.p2pvpn.overlay.runtime;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends and receives frames on the underlay, in batches.
 *
 * <p>A batch is one byte range cut into frames of {@code segmentBytes} each, the last one possibly shorter: what
 * UDP_SEGMENT sends and UDP_GRO receives in one system call. Frames may be lost, duplicated or reordered.
 */
public interface Transport extends FramePort {
    /** The most bytes of one batch (a UDP datagram's limit, which UDP_SEGMENT shares). */
    int BATCH_BYTES_MAX = 65_000;

    /** The most frames of one batch (UDP_MAX_SEGMENTS of older kernels). */
    int BATCH_SEGMENTS_MAX = 64;

    /** The traffic class of frames that ask for nothing: default forwarding, without ECN. */
    int CLASS_DEFAULT = 0;

    /** Takes what arrives. */
    interface Receiver {
        /**
         * A batch arrived. The array belongs to the transport; during the call it may be read and written to.
         *
         * @param from the sender's address as seen here
         * @param buffer holds {@code length} bytes from {@code offset}
         * @param segmentBytes size of each frame but the last
         * @param trafficClass with which the frames arrived, as {@link FramePort#send} has it; the default where the
         *     transport cannot tell
         */
        void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass);

        /** Everything that was waiting has been handed over: time to flush what was gathered. */
        void onBatchEnd();

        /** The stream behind a TCP or TLS endpoint is gone; datagram endpoints never report this. */
        void onClosed(Endpoint remote);

        /** A send was refused before, and the transport takes frames again. */
        void onWritable();

        /**
         * This host's addresses or its ways out are others than before. A transport that cannot tell does not call
         * this.
         */
        default void onNetworkChanged() {
            // Whoever keeps no paths has nothing to do.
        }
    }

    /**
     * Queues one frame that nobody may cut on its way to a UDP endpoint: it arrives whole or not at all.
     *
     * @return false when it was dropped here
     */
    default boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length) {
        return send(to, buffer, offset, length, length, CLASS_DEFAULT);
    }

    /**
     * The largest IP packet that the interface takes that leads to this endpoint, in bytes; 0 where that is not known
     * or {@link #sendUncut} does not keep its word.
     */
    default int linkMtuBytes(Endpoint to) {
        return 0;
    }

    /** The largest IP packet that any interface takes on which peers may be reached, in bytes; 0 if unknown. */
    default int linkMtuBytesMax() {
        return 0;
    }

    /** Closes the stream to a TCP or TLS endpoint, if there is one. */
    void close(Endpoint remote);

    /** This address was looked up as {@code host}: a TLS stream there may say so, as a browser's does. */
    default void learnName(InetAddress address, String host) {
        // A transport without TLS has no use for it.
    }

    /** Side sockets open at a time. */
    int SIDE_SOCKETS_MAX = 320;

    /** Opens one more UDP socket, or gives null where there are too many already or the system has none to give. */
    default @Nullable SideSocket openSide(SideSocket.Receiver receiver) {
        return null;
    }

    /**
     * Listens on the links of this host, or gives null where there is no such thing.
     *
     * @param excludedDevices devices to leave out, asked whenever the links are looked at
     */
    default @Nullable LanPort openLan(Supplier<List<String>> excludedDevices, LanPort.Receiver receiver) {
        return null;
    }

    /** What the interface that leads to this endpoint may be used for. Nothing is sent where it is off. */
    default InterfaceUse useOf(Endpoint remote) {
        return InterfaceUse.ON;
    }

    /** Whether {@link Receiver#onNetworkChanged} is called when this host's addresses change. */
    default boolean tellsOfChanges() {
        return false;
    }

    /** True while only metered interfaces are there: what others want, and what is not needed, is to be left out. */
    default boolean isMetered() {
        return false;
    }

    /** Where this node's sockets are bound, port known; the address may be unspecified (all interfaces). */
    List<Endpoint> boundEndpoints();

    /**
     * The addresses of this host's interfaces that are up, with the bound port: loopback, link-local, tunnels
     * (point-to-point devices) and devices or addresses named in {@code excludedDevices} left out, and those that are
     * off; those that are on come first.
     */
    List<Endpoint> interfaceEndpoints(List<String> excludedDevices);
}

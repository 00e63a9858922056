package io.p2pvpn.overlay.runtime;

/**
 * One more UDP socket of a node, at a port of its own. A NAT box whose mapping depends on the destination gives each
 * its own outside port: that is what they are for. Confined to the node's loop.
 */
public interface SideSocket {
    /** Takes what arrives at one. */
    interface Receiver {
        /** A batch arrived; as {@link Transport.Receiver#onFrames}, whose other calls follow as usual. */
        void onFrames(
                SideSocket socket,
                Endpoint from,
                byte[] buffer,
                int offset,
                int length,
                int segmentBytes,
                int trafficClass);
    }

    /** The port it is bound to. */
    int port();

    /** As {@link Transport#send}, from this socket; {@code to} is a UDP endpoint. */
    boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass);

    /** As {@link Transport#sendUncut}, from this socket. */
    default boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length) {
        return send(to, buffer, offset, length, length, Transport.CLASS_DEFAULT);
    }

    /** As {@link Transport#linkMtuBytes}. */
    default int linkMtuBytes(Endpoint to) {
        return 0;
    }

    /** As {@link Transport#useOf}. */
    default InterfaceUse useOf(Endpoint remote) {
        return InterfaceUse.ON;
    }

    /** Closes it; what is queued is lost. May be called twice. */
    void close();
}

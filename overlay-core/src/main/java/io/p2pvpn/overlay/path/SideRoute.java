package io.p2pvpn.overlay.path;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.SideSocket;

/** Frames straight to an underlay endpoint from a side socket. */
public record SideRoute(SideSocket socket, Endpoint endpoint) implements FrameRoute {
    @Override
    public Kind kind() {
        return Kind.UDP;
    }

    @Override
    public InterfaceUse use() {
        return socket.useOf(endpoint);
    }

    @Override
    public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        return socket.send(endpoint, buffer, offset, length, segmentBytes, trafficClass);
    }

    /** The socket was opened for this way alone. */
    @Override
    public void onDropped(OverlayId nodeId) {
        socket.close();
    }

    @Override
    public boolean sendUncut(byte[] buffer, int offset, int length) {
        return socket.sendUncut(endpoint, buffer, offset, length);
    }

    @Override
    public int linkMtuBytes() {
        return socket.linkMtuBytes(endpoint);
    }

    @Override
    public String toString() {
        return endpoint + " from port " + socket.port();
    }
}

package io.p2pvpn.overlay.path;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.Transport;

/** Frames straight to an underlay endpoint. */
public record EndpointRoute(Transport transport, Endpoint endpoint) implements FrameRoute {
    @Override
    public Kind kind() {
        return switch (endpoint.kind()) {
            case UDP -> Kind.UDP;
            case TCP -> Kind.TCP;
            case TLS -> Kind.TLS;
        };
    }

    @Override
    public InterfaceUse use() {
        return transport.useOf(endpoint);
    }

    @Override
    public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        return transport.send(endpoint, buffer, offset, length, segmentBytes, trafficClass);
    }

    @Override
    public boolean sendUncut(byte[] buffer, int offset, int length) {
        return transport.sendUncut(endpoint, buffer, offset, length);
    }

    @Override
    public int linkMtuBytes() {
        return transport.linkMtuBytes(endpoint);
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}

package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.List;

/** One more UDP port of a simulated node. */
final class SimSideSocket implements SideSocket, Transport.Receiver {
    private final SimTransport transport;
    private final SideSocket.Receiver frames;
    private final Transport.Receiver events;
    private final List<Endpoint> addresses = new ArrayList<>();
    private final int port;

    SimSideSocket(SimTransport transport, SideSocket.Receiver frames, Transport.Receiver events) {
        this.transport = transport;
        this.frames = frames;
        this.events = events;
        SimHost host = transport.runtime().host();
        this.port = host.nextEphemeralPort();
        for (Endpoint main : host.addresses()) {
            addresses.add(Endpoint.of(Endpoint.Kind.UDP, main.address(), port));
        }
        host.realm().bind(host, addresses);
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        SimHost host = transport.runtime().host();
        FrameCutter cutter = new FrameCutter(buffer, offset, length, segmentBytes);
        if (transport.runtime().isAlive() && !addresses.isEmpty()) {
            host.network().sendDatagrams(host, port, to, buffer, cutter, trafficClass);
        }
        return true;
    }

    @Override
    public int linkMtuBytes(Endpoint to) {
        return transport.linkMtuBytes(to);
    }

    @Override
    public void close() {
        if (!addresses.isEmpty()) {
            transport.runtime().host().realm().unbind(addresses);
            addresses.clear();
            transport.closed(this);
        }
    }

    @Override
    public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        frames.onFrames(this, from, buffer, offset, length, segmentBytes, trafficClass);
    }

    @Override
    public void onBatchEnd() {
        events.onBatchEnd();
    }

    @Override
    public void onClosed(Endpoint remote) {
        throw new IllegalStateException("a datagram socket has no streams");
    }

    @Override
    public void onWritable() {
        throw new IllegalStateException("simulated datagrams are never refused");
    }
}

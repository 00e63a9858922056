package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.function.Consumer;

/** A side socket of a host: an {@link EpollUdpSocket} that says which one it is. Confined to the loop. */
final class HostSideSocket implements SideSocket, Transport.Receiver {
    private final Transport transport;
    private final EpollUdpSocket socket;
    private final SideSocket.Receiver frames;
    private final Transport.Receiver events;
    private final Runnable beforeSend;
    private final Consumer<HostSideSocket> onClosed;

    /**
     * Begins to receive.
     *
     * @param transport knows the interfaces
     * @param events hears of all but frames
     * @param beforeSend sees to it that what is sent will be flushed
     * @param onClosed told once
     */
    HostSideSocket(
            Transport transport,
            EpollUdpSocket socket,
            SideSocket.Receiver frames,
            Transport.Receiver events,
            Runnable beforeSend,
            Consumer<HostSideSocket> onClosed) {
        this.transport = transport;
        this.socket = socket;
        this.frames = frames;
        this.events = events;
        this.beforeSend = beforeSend;
        this.onClosed = onClosed;
        socket.start(this);
    }

    @Override
    public int port() {
        return socket.localPort();
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        if (useOf(to) == InterfaceUse.OFF) {
            return true;
        }
        beforeSend.run();
        return socket.send(to, buffer, offset, length, segmentBytes, trafficClass);
    }

    @Override
    public boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length) {
        if (useOf(to) == InterfaceUse.OFF) {
            return false;
        }
        beforeSend.run();
        return socket.sendUncut(to, buffer, offset, length);
    }

    @Override
    public int linkMtuBytes(Endpoint to) {
        return transport.linkMtuBytes(to);
    }

    @Override
    public InterfaceUse useOf(Endpoint remote) {
        return transport.useOf(remote);
    }

    void flush() {
        socket.flush();
    }

    boolean isWritable() {
        return socket.isWritable();
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
        events.onWritable();
    }

    @Override
    public void close() {
        socket.close();
        onClosed.accept(this);
    }
}

package io.p2pvpn.overlay.host;

import io.netty.channel.IoEventLoop;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.FramePort;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A data-plane queue of a host: an event loop with its thread, and a socket on each of the node's UDP ports. */
public final class HostQueue implements DataQueue, FramePort {
    private final int number;
    private final IoEventLoop loop;
    private final LoopTimers timers;
    private final Consumer<Throwable> onFailure;
    private final Counters counters = new Counters();
    private final TransportCounters transportCounters = new TransportCounters(counters);
    private final List<EpollUdpSocket> sockets = new ArrayList<>();

    HostQueue(int number, IoEventLoop loop, Consumer<Throwable> onFailure) {
        this.number = number;
        this.loop = loop;
        this.timers = new LoopTimers(loop, onFailure);
        this.onFailure = onFailure;
    }

    /** Takes over a socket, before the queue runs. */
    void add(UdpDescriptor descriptor, InetAddress address) {
        sockets.add(new EpollUdpSocket(loop, descriptor, address, transportCounters, onFailure));
    }

    /** Where other descriptors of the queue belong: its part of the tunnel device. */
    public IoEventLoop eventLoop() {
        return loop;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public Timers timers() {
        return timers;
    }

    @Override
    public FramePort port() {
        return this;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void setReceiver(Transport.Receiver receiver) {
        sockets.forEach(socket -> socket.start(receiver));
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        assert loop.inEventLoop();
        EpollUdpSocket socket = socketFor(to);
        if (socket == null) {
            transportCounters.dropUnreachable.increment();
            return true;
        }
        return socket.send(to, buffer, offset, length, segmentBytes, trafficClass);
    }

    private @Nullable EpollUdpSocket socketFor(Endpoint to) {
        for (int i = 0; i < sockets.size(); i++) {
            if (sockets.get(i).reaches(to)) {
                return sockets.get(i);
            }
        }
        return null;
    }

    @Override
    public void flush() {
        for (int i = 0; i < sockets.size(); i++) {
            sockets.get(i).flush();
        }
    }

    @Override
    public boolean isWritable() {
        for (int i = 0; i < sockets.size(); i++) {
            if (!sockets.get(i).isWritable()) {
                return false;
            }
        }
        return true;
    }

    void close() {
        sockets.forEach(EpollUdpSocket::close);
    }
}

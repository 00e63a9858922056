package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.LanPort;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The underlay as one life of a node sees it. Datagrams are never refused; a stream is, when its queue is full. */
public final class SimTransport implements Transport {
    private static final byte[] ANY_ADDRESS = new byte[4];

    private final SimRuntime runtime;
    private final Map<Endpoint, StreamEnd> streams = new TreeMap<>();
    private final Map<Integer, SimSideSocket> sides = new TreeMap<>();
    private @Nullable Receiver receiver;
    private @Nullable SimLan lan;
    /** Whatever arrives is for {@link #receiver}: most nodes have neither side sockets nor more queues. */
    private boolean isPlain = true;

    SimTransport(SimRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public void setReceiver(Receiver newReceiver) {
        if (receiver != null) {
            throw new IllegalStateException("there is a receiver already");
        }
        receiver = newReceiver;
        isPlain = runtime.simQueues().isEmpty();
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        FrameCutter frames = new FrameCutter(buffer, offset, length, segmentBytes);
        if (!runtime.isAlive() || useOf(to) == InterfaceUse.OFF) {
            return true;
        }
        if (to.kind() == Endpoint.Kind.UDP) {
            runtime.host().network().sendDatagrams(runtime.host(), 0, to, buffer, frames, trafficClass);
            return true;
        }
        StreamEnd stream = streams.get(to);
        if (stream == null) {
            stream = StreamDial.start(this, to);
            streams.put(to, stream);
        }
        return stream.send(buffer, length, frames);
    }

    /** Does nothing: what is sent is on its way already. */
    @Override
    public void flush() {
        // Sending schedules the arrival at once.
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void close(Endpoint remote) {
        StreamEnd stream = streams.remove(remote);
        if (stream != null) {
            stream.finish();
        }
    }

    @Override
    public List<Endpoint> boundEndpoints() {
        Endpoint any = Endpoint.of(
                Endpoint.Kind.UDP, ANY_ADDRESS, runtime.host().address().port());
        return any == null ? List.of() : withStreams(List.of(any));
    }

    @Override
    public List<Endpoint> interfaceEndpoints(List<String> excludedDevices) {
        return runtime.host().isUp() ? withStreams(runtime.host().usable()) : List.of();
    }

    SimRuntime runtime() {
        return runtime;
    }

    /** See {@link SimEvent#touch(int)}. */
    int touch() {
        return receiver instanceof SimSideSocket ? 1 : 2;
    }

    boolean hasReceiver() {
        return receiver != null;
    }

    void deliver(Endpoint from, int localPort, ReceiveBuffer buffer) {
        Receiver target = isPlain ? receiver : receiverAt(localPort, buffer);
        if (target != null) {
            buffer.handOver(target, from);
        }
    }

    private @Nullable Receiver receiverAt(int localPort, ReceiveBuffer buffer) {
        SimSideSocket side = sides.get(localPort);
        return side != null ? side : receiverOf(buffer);
    }

    /** As a kernel does with datagrams that it has joined: the first decides for all of them. */
    private @Nullable Receiver receiverOf(ReceiveBuffer buffer) {
        List<SimQueue> queues = runtime.simQueues();
        int queue = queues.isEmpty() ? 0 : buffer.queueOf(queues.size() + 1);
        return queue == 0 ? receiver : queues.get(queue - 1).receiver();
    }

    @Override
    public @Nullable SideSocket openSide(SideSocket.Receiver frames) {
        if (receiver == null || !runtime.isAlive() || sides.size() >= SIDE_SOCKETS_MAX) {
            return null;
        }
        SimSideSocket side = new SimSideSocket(this, frames, receiver);
        sides.put(side.port(), side);
        isPlain = false;
        return side;
    }

    /** There is one behind each NAT box; public addresses are on no common link. */
    @Override
    public @Nullable LanPort openLan(Supplier<List<String>> excludedDevices, LanPort.Receiver messages) {
        if (lan == null && runtime.isAlive() && runtime.host().realm().gateway() != null) {
            lan = new SimLan(runtime, messages);
        }
        return lan;
    }

    @Override
    public InterfaceUse useOf(Endpoint remote) {
        return runtime.host().useOf(remote.withKind(Endpoint.Kind.UDP));
    }

    /** Frames are never cut: the network drops what is too large for a link. */
    @Override
    public int linkMtuBytes(Endpoint to) {
        return runtime.host().mtuBytes();
    }

    @Override
    public int linkMtuBytesMax() {
        return runtime.host().mtuBytes();
    }

    @Override
    public boolean isMetered() {
        List<Endpoint> usable = runtime.host().usable();
        return !usable.isEmpty() && useOf(usable.get(0)) == InterfaceUse.METERED;
    }

    /** Side sockets that are open now. */
    int sideSockets() {
        return sides.size();
    }

    void closed(SimSideSocket side) {
        sides.remove(side.port());
    }

    /** The other side opened a stream to this node. */
    void accepted(StreamEnd stream) {
        streams.put(stream.remote(), stream);
    }

    /** A stream is gone without this node's doing: it learns of it in an event of its own. */
    void lost(StreamEnd stream) {
        streams.remove(stream.remote(), stream);
        notifyLater(() -> {
            if (receiver != null) {
                receiver.onClosed(stream.remote());
            }
        });
    }

    void networkChanged() {
        notifyLater(() -> {
            if (receiver != null) {
                receiver.onNetworkChanged();
            }
        });
    }

    void writable() {
        notifyLater(() -> {
            if (receiver != null) {
                receiver.onWritable();
            }
        });
    }

    void closeAll() {
        List<StreamEnd> open = new ArrayList<>(streams.values());
        streams.clear();
        if (lan != null) {
            lan.close();
        }
        open.forEach(StreamEnd::finish);
        List.copyOf(sides.values()).forEach(SimSideSocket::close);
    }

    private void notifyLater(Runnable notification) {
        runtime.timers().execute(notification);
    }

    private List<Endpoint> withStreams(List<Endpoint> datagramEndpoints) {
        List<Endpoint> endpoints = new ArrayList<>(datagramEndpoints);
        if (runtime.host().acceptsStreams()) {
            datagramEndpoints.forEach(endpoint -> endpoints.add(endpoint.withKind(Endpoint.Kind.TCP)));
            datagramEndpoints.forEach(endpoint -> {
                Endpoint tls = runtime.host().tlsAt(endpoint);
                if (tls != null) {
                    endpoints.add(tls);
                }
            });
        }
        return endpoints;
    }
}

package io.p2pvpn.overlay.host;

import io.netty.channel.IoEventLoop;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.overlay.runtime.LanPort;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The underlay of a real host: its UDP sockets and its streams. Confined to the loop, except {@link #open}. */
final class HostTransport implements Transport {
    private static final int SAME_PORT_ATTEMPTS_MAX = 16;

    private final IoEventLoop loop;
    private final HostOptions options;
    private final boolean epoll;
    private final LoopTimers timers;
    private final TransportCounters counters;
    private final List<UdpSocket> udpSockets = new ArrayList<>();
    private final StreamLayers layers;
    private final TcpStreams tcp;
    private final List<Endpoint> bound = new ArrayList<>();
    private final LocalInterfaces interfaces;
    private final List<HostSideSocket> sideSockets = new ArrayList<>();
    private final Runnable forgottenFlush = this::onTurnEnd;
    private @Nullable NetworkChanges networkChanges;
    private boolean flushScheduled;
    private @Nullable Receiver receiver;
    private @Nullable EpollUdpSocket sideModel;
    private @Nullable HostLan lan;

    private HostTransport(
            IoEventLoop loop,
            HostOptions options,
            boolean epoll,
            LoopTimers timers,
            StreamLayers layers,
            TransportCounters counters) {
        this.loop = loop;
        this.options = options;
        this.epoll = epoll;
        this.timers = timers;
        this.counters = counters;
        this.interfaces = new LocalInterfaces(options.interfaces());
        this.layers = layers;
        this.tcp = new TcpStreams(loop, options, epoll, timers, layers, counters);
    }

    /** Binds every address of the options; not on the loop. Receives nothing before {@link #setReceiver}. */
    static HostTransport open(
            IoEventLoop loop,
            HostOptions options,
            boolean epoll,
            LoopTimers timers,
            HostBlocking crypto,
            TransportCounters counters)
            throws HostException {
        ListenAddress.requireDistinct(options.listen());
        StreamLayers layers = new StreamLayers(options.streams(), crypto, counters);
        HostTransport transport = new HostTransport(loop, options, epoll, timers, layers, counters);
        layers.resolveProxy();
        try {
            for (ListenAddress where : options.listen()) {
                transport.bind(where);
            }
        } catch (HostException e) {
            transport.udpSockets.forEach(UdpSocket::close);
            transport.tcp.unlisten();
            throw e;
        }
        return transport;
    }

    /** Gives these queues, numbered from 1, a socket on each UDP port; false if the system does not do that. */
    boolean shareWith(List<HostQueue> queues) {
        List<List<UdpDescriptor>> opened = new ArrayList<>();
        for (UdpSocket socket : udpSockets) {
            List<UdpDescriptor> more = List.of();
            if (socket instanceof EpollUdpSocket first) {
                InetAddress address = first.localAddress();
                ListenAddress where =
                        new ListenAddress(address.isAnyLocalAddress() ? null : address, first.localPort(), true, null);
                more = QueueSteering.extend(first.descriptor(), where, options.socketHook(), queues.size() + 1);
            }
            if (more.isEmpty()) {
                opened.forEach(group -> group.forEach(descriptor -> Posix.get().close(descriptor.fd())));
                return false;
            }
            opened.add(more);
        }
        for (int i = 0; i < opened.size(); i++) {
            for (HostQueue queue : queues) {
                queue.add(
                        opened.get(i).get(queue.number() - 1), udpSockets.get(i).localAddress());
            }
        }
        return !opened.isEmpty();
    }

    private void bind(ListenAddress where) throws HostException {
        if (where.stream() == Kind.TLS) {
            layers.prepareServer();
        }
        for (int attempt = 1; ; attempt++) {
            UdpSocket udp = where.udp() ? bindUdp(where) : null;
            int port = udp == null ? where.port() : udp.localPort();
            try {
                if (where.stream() != null) {
                    port = tcp.listen(
                            new ListenAddress(where.address(), port, where.udp(), where.stream()), where.stream());
                }
            } catch (HostException e) {
                if (udp != null) {
                    udp.close();
                }
                // A port that the system chose for UDP may be taken for TCP: choose again.
                if (udp != null && where.port() == 0 && attempt < SAME_PORT_ATTEMPTS_MAX) {
                    continue;
                }
                throw e;
            }
            addBound(where, udp, port);
            return;
        }
    }

    private UdpSocket bindUdp(ListenAddress where) throws HostException {
        if (!epoll) {
            return NioUdpSocket.open(loop, where, counters, options.onFailure());
        }
        UdpDescriptor descriptor = UdpDescriptor.open(where, options.socketHook());
        InetAddress address = where.address() == null ? anyAddress(descriptor.ipv6()) : where.address();
        return new EpollUdpSocket(loop, descriptor, address, counters, options.onFailure());
    }

    private static InetAddress anyAddress(boolean ipv6) {
        Endpoint any = Endpoint.of(Kind.UDP, new byte[ipv6 ? 16 : 4], 1);
        if (any == null) {
            throw new IllegalStateException("no unspecified address");
        }
        return any.address();
    }

    private void addBound(ListenAddress where, @Nullable UdpSocket udp, int port) {
        InetAddress address = where.address() == null ? anyAddress(true) : where.address();
        if (udp != null) {
            address = udp.localAddress();
            udpSockets.add(udp);
            bound.add(Endpoint.of(Kind.UDP, address, port));
        }
        if (where.stream() != null) {
            bound.add(Endpoint.of(where.stream(), address, port));
        }
    }

    @Override
    public void setReceiver(Receiver newReceiver) {
        assert loop.inEventLoop();
        receiver = newReceiver;
        for (UdpSocket socket : udpSockets) {
            socket.start(newReceiver);
        }
        tcp.start(newReceiver);
        if (epoll) {
            networkChanges =
                    NetworkChanges.open(loop, timers, () -> onNetworkChanged(newReceiver), options.onFailure());
        }
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        flushLater();
        if (isOff(to)) {
            return true;
        }
        if (to.kind() != Kind.UDP) {
            return tcp.send(to, buffer, offset, length, segmentBytes);
        }
        UdpSocket socket = socketFor(to);
        if (socket == null) {
            counters.dropUnreachable.increment();
            return true;
        }
        return socket.send(to, buffer, offset, length, segmentBytes, trafficClass);
    }

    @Override
    public boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length) {
        flushLater();
        UdpSocket socket = isOff(to) ? null : socketFor(to);
        return socket != null && socket.sendUncut(to, buffer, offset, length);
    }

    @Override
    public int linkMtuBytes(Endpoint to) {
        return epoll ? interfaces.mtuOf(to) : 0;
    }

    @Override
    public int linkMtuBytesMax() {
        return epoll ? InterfaceAddresses.mtuMax(interfaces.excluded(List.of())) : 0;
    }

    private boolean isOff(Endpoint to) {
        boolean off = interfaces.useOf(to) == InterfaceUse.OFF;
        if (off) {
            counters.dropInterfaceOff.increment();
        }
        return off;
    }

    /** Other rules hold from now on; peers are reached, and told, as if the network had changed. On the loop. */
    void setInterfaceRules(InterfaceRules rules) {
        interfaces.setRules(rules);
        if (receiver != null) {
            receiver.onNetworkChanged();
        }
    }

    private void onNetworkChanged(Receiver told) {
        interfaces.onNetworkChanged();
        told.onNetworkChanged();
    }

    @Override
    public InterfaceUse useOf(Endpoint remote) {
        return interfaces.useOf(remote);
    }

    @Override
    public boolean tellsOfChanges() {
        return networkChanges != null;
    }

    @Override
    public boolean isMetered() {
        return interfaces.isMetered();
    }

    private void flushLater() {
        assert loop.inEventLoop();
        if (!flushScheduled) {
            flushScheduled = true;
            loop.execute(forgottenFlush);
        }
    }

    @Override
    public @Nullable SideSocket openSide(SideSocket.Receiver frames) {
        assert loop.inEventLoop();
        Receiver events = receiver;
        if (!epoll || events == null || sideSockets.size() >= SIDE_SOCKETS_MAX) {
            return null;
        }
        try {
            // Where the first socket listens: on all addresses, or on the one that was asked for.
            InetAddress address =
                    udpSockets.isEmpty() ? null : udpSockets.get(0).localAddress();
            boolean all = address == null || address.isAnyLocalAddress();
            UdpDescriptor descriptor =
                    UdpDescriptor.open(new ListenAddress(all ? null : address, 0, true, null), options.socketHook());
            HostSideSocket side = new HostSideSocket(
                    this, sideSocket(descriptor), frames, events, this::flushLater, sideSockets::remove);
            sideSockets.add(side);
            return side;
        } catch (HostException e) {
            counters.sideRefused.increment();
            return null;
        }
    }

    @Override
    public @Nullable LanPort openLan(Supplier<List<String>> excludedDevices, LanPort.Receiver messages) {
        assert loop.inEventLoop();
        if (lan != null) {
            throw new IllegalStateException("open already");
        }
        HostLan opened =
                new HostLan(loop, options, epoll, counters, () -> interfaces.excluded(excludedDevices.get()), messages);
        lan = opened;
        return opened;
    }

    private @Nullable UdpSocket socketFor(Endpoint to) {
        for (int i = 0; i < udpSockets.size(); i++) {
            UdpSocket socket = udpSockets.get(i);
            if (socket.reaches(to)) {
                return socket;
            }
        }
        return null;
    }

    private EpollUdpSocket sideSocket(UdpDescriptor descriptor) {
        EpollUdpSocket model = sideModel;
        if (model == null || !model.isLike(descriptor)) {
            EpollUdpSocket first =
                    new EpollUdpSocket(loop, descriptor, anyAddress(descriptor.ipv6()), counters, options.onFailure());
            sideModel = first;
            return first;
        }
        return new EpollUdpSocket(model, descriptor);
    }

    private void onTurnEnd() {
        flushScheduled = false;
        timers.guard(this::flush);
    }

    @Override
    public void flush() {
        for (int i = 0; i < udpSockets.size(); i++) {
            udpSockets.get(i).flush();
        }
        for (int i = 0; i < sideSockets.size(); i++) {
            sideSockets.get(i).flush();
        }
        tcp.flush();
    }

    @Override
    public boolean isWritable() {
        for (int i = 0; i < udpSockets.size(); i++) {
            if (!udpSockets.get(i).isWritable()) {
                return false;
            }
        }
        for (int i = 0; i < sideSockets.size(); i++) {
            if (!sideSockets.get(i).isWritable()) {
                return false;
            }
        }
        return tcp.isWritable();
    }

    @Override
    public void close(Endpoint remote) {
        if (remote.kind() != Kind.UDP) {
            tcp.close(remote);
        }
    }

    @Override
    public void learnName(InetAddress address, String host) {
        layers.learnName(address, host);
    }

    @Override
    public List<Endpoint> boundEndpoints() {
        return List.copyOf(bound);
    }

    @Override
    public List<Endpoint> interfaceEndpoints(List<String> excludedDevices) {
        if (networkChanges == null) {
            // Nobody tells when routes change.
            interfaces.onNetworkChanged();
        }
        List<InetAddress> all = InterfaceAddresses.list(interfaces.excluded(excludedDevices));
        Set<Endpoint> endpoints = new LinkedHashSet<>();
        for (Endpoint local : bound) {
            InetAddress address = local.address();
            if (!address.isAnyLocalAddress()) {
                endpoints.add(local);
                continue;
            }
            for (InetAddress candidate : all) {
                if (local.isIpv6() || candidate.getAddress().length == 4) {
                    endpoints.add(Endpoint.of(local.kind(), candidate, local.port()));
                }
            }
        }
        List<Endpoint> sorted = new ArrayList<>(endpoints);
        boolean reachable =
                sorted.stream().anyMatch(endpoint -> !endpoint.address().isLoopbackAddress());
        sorted.removeIf(endpoint -> reachable && endpoint.address().isLoopbackAddress());
        // A stable sort: all UDP first, what is on before what is not, in the order of the system.
        sorted.sort(Comparator.comparing(Endpoint::kind).thenComparing(local -> interfaces.useOf(local.address())));
        return sorted;
    }

    /** Closes every socket. */
    void close() {
        if (lan != null) {
            lan.close();
        }
        udpSockets.forEach(UdpSocket::close);
        List.copyOf(sideSockets).forEach(HostSideSocket::close);
        tcp.close();
        if (networkChanges != null) {
            networkChanges.close();
        }
    }
}

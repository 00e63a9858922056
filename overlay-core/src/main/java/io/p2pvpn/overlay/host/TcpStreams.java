package io.p2pvpn.overlay.host;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.resolver.NoopAddressResolverGroup;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The other half of the transport: TCP and TLS streams by remote endpoint, opened by sending or accepted. Confined to
 * the loop, except {@link #listen}.
 */
final class TcpStreams {
    static final int STREAMS_MAX = 1024;
    static final int INBOUND_PER_ADDRESS_MAX = 32;
    /** A stream must bring its first frame within this time of its beginning. */
    static final long FIRST_FRAME_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** After that, it must bring one frame in this time: sessions keep theirs alive far more often. */
    static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private static final int CONNECT_MILLIS = 5_000;
    private static final int QUEUE_LOW_BYTES = 512 << 10;
    private static final int QUEUE_HIGH_BYTES = 1 << 20;
    /** So long a full stream holds up the device reader; then only its own packets suffer. */
    private static final long CONGESTION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final EventLoop loop;
    private final boolean epoll;
    private final SocketHook hook;
    private final StreamLayers layers;
    private final LoopTimers timers;
    private final TransportCounters counters;
    private final Consumer<Throwable> onFailure;
    private final List<Channel> listeners = new ArrayList<>();
    private final Map<Endpoint, TcpStream> streams = new LinkedHashMap<>();
    private final Map<InetAddress, Integer> inboundCounts = new HashMap<>();
    private final List<TcpStream> dirty = new ArrayList<>();
    private final byte[] frame = new byte[Transport.BATCH_BYTES_MAX];
    private Transport.@Nullable Receiver receiver;
    private int congestedStreams;
    private boolean closed;

    TcpStreams(
            EventLoop loop,
            HostOptions options,
            boolean epoll,
            LoopTimers timers,
            StreamLayers layers,
            TransportCounters counters) {
        this.loop = loop;
        this.epoll = epoll;
        this.hook = options.socketHook();
        this.timers = timers;
        this.layers = layers;
        this.counters = counters;
        this.onFailure = options.onFailure();
    }

    /** Binds a listener, which accepts nothing before {@link #start}; not to be called on the loop. Gives its port. */
    int listen(ListenAddress where, Kind kind) throws HostException {
        InetAddress address = where.address();
        InetSocketAddress local =
                address == null ? new InetSocketAddress(where.port()) : new InetSocketAddress(address, where.port());
        ServerBootstrap bootstrap = new ServerBootstrap().group(loop);
        if (epoll) {
            bootstrap.channelFactory(EpollServerSocketChannel::new);
        } else {
            bootstrap.channelFactory(NioServerSocketChannel::new);
        }
        ChannelFuture bound = bootstrap
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(initializer(this::prepare))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark())
                .childHandler(initializer(channel -> accept(channel, kind)))
                .bind(local)
                .awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw BindFailure.of(kind.name(), where, cause);
        }
        listeners.add(bound.channel());
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    /** Gives up the listeners bound so far; not to be called on the loop. */
    void unlisten() {
        for (Channel listener : listeners) {
            listener.close().awaitUninterruptibly();
        }
        listeners.clear();
    }

    void start(Transport.Receiver newReceiver) {
        receiver = newReceiver;
        for (Channel listener : listeners) {
            listener.config().setAutoRead(true);
        }
    }

    /** See {@link Transport#send}. */
    boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes) {
        TcpStream stream = streams.get(to);
        if (stream == null) {
            stream = open(to);
        }
        if (stream == null) {
            counters.dropUnreachable.increment();
            return true;
        }
        if (!stream.write(buffer, offset, length, segmentBytes)) {
            counters.dropQueueFull.increment();
            return false;
        }
        if (stream.markDirty()) {
            dirty.add(stream);
        }
        counters.sendBatches.increment();
        counters.sendFrames.add((length + segmentBytes - 1) / segmentBytes);
        counters.sendBytes.add(length);
        return true;
    }

    void flush() {
        for (int i = 0; i < dirty.size(); i++) {
            dirty.get(i).flush();
        }
        dirty.clear();
    }

    /** False while a stream is freshly full: a short wait of the sender then loses nothing. */
    boolean isWritable() {
        return congestedStreams == 0;
    }

    /** Closes the stream to that endpoint, without a report. */
    void close(Endpoint remote) {
        TcpStream stream = streams.get(remote);
        if (stream != null) {
            forget(stream);
            stream.end();
        }
    }

    /** Closes everything. */
    void close() {
        closed = true;
        for (Channel listener : listeners) {
            ChannelFuture unused = listener.close();
        }
        for (TcpStream stream : new ArrayList<>(streams.values())) {
            forget(stream);
            stream.end();
        }
    }

    private @Nullable TcpStream open(Endpoint to) {
        if (closed || streams.size() >= STREAMS_MAX) {
            counters.streamRefused.increment();
            return null;
        }
        if (!layers.isReady(to)) {
            return null;
        }
        TcpStream stream = new TcpStream(this, to, false);
        Bootstrap bootstrap = new Bootstrap().group(loop);
        if (epoll) {
            bootstrap.channelFactory(EpollSocketChannel::new);
        } else {
            bootstrap.channelFactory(NioSocketChannel::new);
        }
        ChannelFuture connecting = bootstrap
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark())
                .handler(initializer(channel -> {
                    prepare(channel);
                    layers.addClient(channel, to, stream);
                }))
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .connect(layers.target(to));
        counters.streamOpened.increment();
        add(stream, connecting.channel());
        connecting.addListener(future -> {
            if (future.isSuccess()) {
                stream.onConnected();
            }
        });
        return stream;
    }

    private void accept(Channel channel, Kind kind) {
        InetSocketAddress address = (InetSocketAddress) channel.remoteAddress();
        Endpoint remote =
                address == null ? null : Endpoint.of(kind, address.getAddress().getAddress(), address.getPort());
        if (closed || remote == null || !admits(remote)) {
            counters.streamRefused.increment();
            ChannelFuture unused = channel.close();
            return;
        }
        TcpStream stream = new TcpStream(this, remote, true);
        inboundCounts.merge(remote.address(), 1, Integer::sum);
        counters.streamAccepted.increment();
        layers.addServer(channel, stream);
        add(stream, channel);
        stream.onConnected();
    }

    private boolean admits(Endpoint remote) {
        return streams.size() < STREAMS_MAX
                && !streams.containsKey(remote)
                && inboundCounts.getOrDefault(remote.address(), 0) < INBOUND_PER_ADDRESS_MAX;
    }

    private void add(TcpStream stream, Channel channel) {
        stream.attach(channel);
        streams.put(stream.remote(), stream);
        timers.schedule(FIRST_FRAME_NANOS, () -> checkIdle(stream, 0));
        // Deferred, because a send that opens a stream must not be answered by a report from inside the send.
        channel.closeFuture().addListener(future -> timers.execute(() -> onClosed(stream)));
    }

    private void checkIdle(TcpStream stream, long framesBefore) {
        if (streams.get(stream.remote()) != stream) {
            return;
        }
        long frames = stream.framesSeen();
        if (frames == framesBefore) {
            counters.streamIdle.increment();
            stream.end();
            return;
        }
        timers.schedule(IDLE_NANOS, () -> checkIdle(stream, frames));
    }

    private void onClosed(TcpStream stream) {
        if (forget(stream) && receiver != null) {
            counters.streamClosed.increment();
            receiver.onClosed(stream.remote());
        }
    }

    private boolean forget(TcpStream stream) {
        if (!streams.remove(stream.remote(), stream)) {
            return false;
        }
        if (stream.isInbound()) {
            inboundCounts.computeIfPresent(
                    stream.remote().address(), (address, count) -> count == 1 ? null : count - 1);
        }
        relieve(stream);
        return true;
    }

    void onFrame(TcpStream stream, ByteBuf in, int length) {
        in.readBytes(frame, 0, length);
        counters.receiveBatches.increment();
        counters.receiveFrames.increment();
        counters.receiveBytes.add(length);
        if (receiver != null) {
            receiver.onFrames(stream.remote(), frame, 0, length, length, Transport.CLASS_DEFAULT);
        }
    }

    void onReadComplete() {
        if (receiver != null) {
            receiver.onBatchEnd();
        }
    }

    void onBadLength(TcpStream stream) {
        counters.streamBadLength.increment();
        stream.end();
    }

    void onWritabilityChanged(TcpStream stream, boolean writable) {
        if (writable) {
            relieve(stream);
            if (receiver != null) {
                receiver.onWritable();
            }
        } else if (!stream.isCongested()) {
            congestedStreams++;
            stream.setCongestion(timers.schedule(CONGESTION_NANOS, () -> {
                if (relieve(stream) && receiver != null) {
                    receiver.onWritable();
                }
            }));
        }
    }

    private boolean relieve(TcpStream stream) {
        if (!stream.isCongested()) {
            return false;
        }
        stream.setCongestion(null);
        congestedStreams--;
        return true;
    }

    void onFailure(Throwable failure) {
        onFailure.accept(failure);
    }

    private void prepare(Channel channel) throws HostException {
        if (channel instanceof UnixChannel unix) {
            hook.beforeBind(unix.fd().intValue());
        }
    }

    private static WriteBufferWaterMark waterMark() {
        return new WriteBufferWaterMark(QUEUE_LOW_BYTES, QUEUE_HIGH_BYTES);
    }

    /** What is done with a new channel. */
    private interface Preparation {
        void prepare(Channel channel) throws HostException;
    }

    private static ChannelInitializer<Channel> initializer(Preparation preparation) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) throws HostException {
                preparation.prepare(channel);
            }
        };
    }
}

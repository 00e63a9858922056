package io.p2pvpn.vpn.control;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.p2pvpn.overlay.runtime.Counters;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's side of the control socket, on the node's loop. What a client may cost is bounded: connections, line,
 * header and body sizes, and the time to send a request and to take the answer. Whom {@link ControlPeers} does not
 * admit is hung up on before anything is read.
 */
public final class ControlServer {
    private static final int CONNECTIONS_MAX = 64;
    private static final Duration REQUEST_TIME_MAX = Duration.ofSeconds(5);
    private static final int REQUEST_LINE_BYTES_MAX = 1024;
    private static final int HEADER_BYTES_MAX = 8192;

    private final ControlSocketFile file;
    private final ChannelGroup connections;
    private final Channel listener;

    private ControlServer(ControlSocketFile file, ChannelGroup connections, Channel listener) {
        this.file = file;
        this.connections = connections;
        this.listener = listener;
    }

    /**
     * Opens the socket. Callable from any thread; completes on the loop.
     *
     * @param socket its parent directory is made when missing; a dead daemon's socket is replaced. Fails with a
     *     {@link ControlException} when a live daemon holds it or it cannot be made
     * @param backend called on {@code loop} only
     * @param counters of the node, confined to {@code loop}
     */
    public static CompletableFuture<ControlServer> start(
            EventLoop loop, Path socket, ControlBackend backend, Counters counters) {
        return start(loop, socket, backend, counters, REQUEST_TIME_MAX);
    }

    static CompletableFuture<ControlServer> start(
            EventLoop loop, Path socket, ControlBackend backend, Counters counters, Duration requestTimeMax) {
        CompletableFuture<ControlServer> started = new CompletableFuture<>();
        ControlSocketFile file;
        try {
            file = ControlSocketFile.prepare(socket);
        } catch (ControlException refused) {
            started.completeExceptionally(refused);
            return started;
        }
        ChannelGroup connections = new DefaultChannelGroup(loop);
        boolean epoll = loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
        Class<? extends ServerChannel> type =
                epoll ? EpollServerDomainSocketChannel.class : NioServerDomainSocketChannel.class;
        SocketAddress address =
                epoll ? new DomainSocketAddress(file.bindPath().toFile()) : UnixDomainSocketAddress.of(file.bindPath());
        Connection connection = new Connection(connections, new ControlRouter(backend), counters, requestTimeMax);
        var unused = new ServerBootstrap()
                .group(loop)
                .channel(type)
                .childHandler(connection)
                .bind(address)
                .addListener((io.netty.channel.ChannelFuture bound) -> {
                    if (bound.isSuccess()) {
                        publish(file, connection, bound.channel(), started);
                    } else {
                        file.remove();
                        started.completeExceptionally(ControlSocketFile.cannotUse(socket, bound.cause()));
                    }
                });
        return started;
    }

    private static void publish(
            ControlSocketFile file, Connection connection, Channel listener, CompletableFuture<ControlServer> started) {
        try {
            connection.peers = file.publish();
            started.complete(new ControlServer(file, connection.connections, listener));
        } catch (ControlException refused) {
            close(listener);
            file.remove();
            started.completeExceptionally(refused);
        }
    }

    /** Stops listening, removes the socket file and closes every connection after what is written to it. */
    public void close() {
        file.remove();
        close(listener);
        for (Channel connection : connections) {
            close(connection.flush());
        }
    }

    private static void close(Channel channel) {
        var unused = channel.close();
    }

    /** Sets up one accepted connection. */
    private static final class Connection extends ChannelInitializer<Channel> {
        private final ChannelGroup connections;
        private final ControlRouter router;
        private final Counters counters;
        private final Duration requestTimeMax;
        /** Null until the socket is where others find it. */
        private @Nullable ControlPeers peers;

        Connection(ChannelGroup connections, ControlRouter router, Counters counters, Duration requestTimeMax) {
            this.connections = connections;
            this.router = router;
            this.counters = counters;
            this.requestTimeMax = requestTimeMax;
        }

        @Override
        protected void initChannel(Channel channel) {
            if (peers == null || !peers.admit(channel)) {
                counters.counter("control.drop.credentials").increment();
                close(channel);
                return;
            }
            if (connections.size() >= CONNECTIONS_MAX) {
                close(channel);
                return;
            }
            connections.add(channel);
            channel.pipeline()
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                            .setMaxHeaderSize(HEADER_BYTES_MAX)))
                    .addLast(new ControlConnection(router, requestTimeMax));
        }

        @Override
        public boolean isSharable() {
            return true;
        }
    }
}

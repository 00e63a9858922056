package io.p2pvpn.overlay.host;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands between a connection and its frames: an HTTP proxy that is asked for the way, and TLS. Confined to the
 * loop, except {@link #prepareServer} and {@link #resolveProxy}.
 */
final class StreamLayers {
    /** A handshake, with the proxy's answer before it, is over by then or never. */
    static final long HANDSHAKE_MILLIS = 8_000;
    /** Names of addresses that are remembered; the one used longest ago gives way. */
    static final int NAMES_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(StreamLayers.class);
    private static final long LOG_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long PROXY_FRESH_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final HostBlocking crypto;
    private final StreamOptions options;
    private final TransportCounters counters;
    private final Map<InetAddress, String> names = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable SslContext server;
    private @Nullable SslContext client;
    private boolean clientAsked;
    private volatile @Nullable InetSocketAddress proxyAddress;
    private long proxyAskedNanos;
    private long loggedNanos;

    /**
     * Layers of these options.
     *
     * @param crypto where the costly steps of handshakes run, so that they do not hold up the loop
     */
    StreamLayers(StreamOptions options, HostBlocking crypto, TransportCounters counters) {
        this.options = options;
        this.crypto = crypto;
        this.counters = counters;
        this.loggedNanos = System.nanoTime() - LOG_AGAIN_NANOS;
        this.proxyAskedNanos = System.nanoTime();
    }

    /** Makes ready to take TLS streams; not on the loop. */
    void prepareServer() throws HostException {
        if (server == null) {
            server = TlsContexts.server(options);
        }
    }

    /** Looks the proxy's name up for the first time; not on the loop. A name that is not known yet may be later. */
    void resolveProxy() {
        HttpProxy proxy = options.proxy();
        if (proxy == null) {
            return;
        }
        InetSocketAddress address = new InetSocketAddress(proxy.host(), proxy.port());
        if (address.isUnresolved()) {
            LOG.warn("the name of the proxy {} is not known: no streams until it is", proxy);
        } else {
            proxyAddress = address;
        }
    }

    /** See {@link io.p2pvpn.overlay.runtime.Transport#learnName}. */
    void learnName(InetAddress address, String host) {
        if (host.equals(address.getHostAddress())) {
            return;
        }
        names.put(address, host);
        if (names.size() > NAMES_MAX) {
            names.remove(names.keySet().iterator().next());
        }
    }

    /** True if a stream to there can be opened now; if not, that is being worked at. */
    boolean isReady(Endpoint to) {
        boolean tlsReady = to.kind() != Kind.TLS || clientContext() != null;
        return tlsReady && (!isProxied(to) || freshProxyAddress() != null);
    }

    /** A proxy leads out: what is near is not its business. */
    private boolean isProxied(Endpoint to) {
        InetAddress address = to.address();
        boolean near = address.isSiteLocalAddress() || address.isLoopbackAddress() || address.isLinkLocalAddress();
        boolean uniqueLocal = to.isIpv6() && (address.getAddress()[0] & 0xfe) == 0xfc;
        return options.proxy() != null && !near && !uniqueLocal;
    }

    private @Nullable SslContext clientContext() {
        if (client == null && !clientAsked) {
            clientAsked = true;
            var unused = crypto.call(TlsContexts::client).whenComplete((context, failure) -> {
                client = context;
                if (failure != null) {
                    LOG.warn("no TLS on this host: {}", failure.getMessage());
                }
            });
        }
        return client;
    }

    private @Nullable InetSocketAddress freshProxyAddress() {
        long now = System.nanoTime();
        HttpProxy proxy = options.proxy();
        if (proxy != null && now - proxyAskedNanos >= PROXY_FRESH_NANOS) {
            proxyAskedNanos = now;
            var unused = crypto.call(() -> new InetSocketAddress(proxy.host(), proxy.port()))
                    .whenComplete((address, failure) -> {
                        if (address != null && !address.isUnresolved()) {
                            proxyAddress = address;
                        }
                    });
        }
        return proxyAddress;
    }

    /** What to connect to; a proxy is told the name, if there is one, and looks it up itself. */
    InetSocketAddress target(Endpoint to) {
        String name = isProxied(to) ? names.get(to.address()) : null;
        return name == null
                ? new InetSocketAddress(to.address(), to.port())
                : InetSocketAddress.createUnresolved(name, to.port());
    }

    /** Puts the layers of a stream that we open before it; {@link #isReady} was true. */
    void addClient(Channel channel, Endpoint to, TcpStream stream) {
        InetSocketAddress proxy = proxyAddress;
        HttpProxy known = options.proxy();
        if (known != null && proxy != null && isProxied(to)) {
            String user = known.user();
            String password = known.password();
            HttpProxyHandler handler = user == null || password == null
                    ? new HttpProxyHandler(proxy)
                    : new HttpProxyHandler(proxy, user, password);
            handler.setConnectTimeoutMillis(HANDSHAKE_MILLIS);
            channel.pipeline().addLast(handler);
        }
        SslContext context = client;
        if (to.kind() == Kind.TLS && context != null) {
            String name = names.get(to.address());
            SslHandler handler = name == null
                    ? context.newHandler(channel.alloc(), crypto::execute)
                    : context.newHandler(channel.alloc(), name, to.port(), crypto::execute);
            addTls(channel, handler);
        }
        if (channel.pipeline().first() != null) {
            channel.pipeline().addLast(new Guard());
        }
        channel.pipeline().addLast(stream);
    }

    /** Puts the layers of a stream that we take before it. */
    void addServer(Channel channel, TcpStream stream) {
        SslContext context = server;
        if (stream.remote().kind() == Kind.TLS && context != null) {
            addTls(channel, context.newHandler(channel.alloc(), crypto::execute));
            channel.pipeline().addLast(new Guard());
        }
        channel.pipeline().addLast(stream);
    }

    private void addTls(Channel channel, SslHandler handler) {
        handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
        handler.handshakeFuture().addListener(done -> {
            if (!done.isSuccess()) {
                counters.streamTlsFailed.increment();
            }
        });
        channel.pipeline().addLast(handler);
    }

    /** Ends a stream whose layers fail, whatever they throw: that is the far end's doing and no fault of the node. */
    private final class Guard extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof ProxyConnectException) {
                counters.streamProxyFailed.increment();
                long now = System.nanoTime();
                if (now - loggedNanos >= LOG_AGAIN_NANOS) {
                    loggedNanos = now;
                    LOG.warn("the proxy {} opens no stream: {}", options.proxy(), reason(cause));
                }
            }
            ChannelFuture unused = context.close();
        }

        /** The end of the library's text, which begins with the addresses. */
        private String reason(Throwable cause) {
            String text = String.valueOf(cause.getMessage());
            String tail = text.substring(text.lastIndexOf(", ") + 1).strip();
            return tail.length() <= 120 ? tail : tail.substring(0, 120);
        }
    }
}

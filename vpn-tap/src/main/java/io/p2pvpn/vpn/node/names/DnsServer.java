package io.p2pvpn.vpn.node.names;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.vpn.names.NameAnswers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The DNS responder of one namespace (RFC 1035, RFC 7766 for TCP, RFC 6891 for the size of datagrams), on the device's
 * own addresses. It answers this host, and machines behind its TAP device. What it may cost is bounded: look-ups at a
 * time, connections, the time that a connection may be idle. Confined to the node's loop.
 */
final class DnsServer {
    /** RFC 1035 section 4.2. */
    static final int PORT = 53;
    /** For resolvers that take port 53 of an address of this host for themselves. */
    static final int OTHER_PORT = 10_053;
    /** What a query over UDP may have; longer ones are cut by the socket, and dropped. */
    private static final int QUERY_BYTES_MAX = 1232;

    private static final int CONNECTIONS_MAX = 16;
    private static final int IDLE_SECONDS_MAX = 10;
    private static final int TCP_BYTES_MAX = 65_535;

    private final List<Channel> channels = new ArrayList<>();
    private final ChannelGroup connections;
    private final List<InetAddress> addresses;
    private final Counters counters;
    private final DnsQuestions questions;
    private final Predicate<InetAddress> mayAsk;
    private int refused;
    private boolean closed;

    /** One that is not open yet. */
    DnsServer(
            EventLoop loop,
            List<InetAddress> addresses,
            Counters counters,
            NameAnswers answers,
            Predicate<InetAddress> mayAsk) {
        this.connections = new DefaultChannelGroup(loop);
        this.addresses = addresses;
        this.counters = counters;
        this.questions = new DnsQuestions(answers, counters);
        this.mayAsk = mayAsk;
    }

    /**
     * Opens it on each of the addresses and ports, over UDP, and over TCP where nobody else has that.
     *
     * @param mayAsk who is answered beside these addresses
     * @return completes on the loop when a datagram socket is bound; exceptionally if none could be
     */
    static CompletableFuture<DnsServer> open(
            EventLoop loop,
            List<InetAddress> addresses,
            List<Integer> ports,
            Counters counters,
            NameAnswers answers,
            Predicate<InetAddress> mayAsk) {
        DnsServer server = new DnsServer(loop, addresses, counters, answers, mayAsk);
        CompletableFuture<DnsServer> opened = new CompletableFuture<>();
        int datagramSockets = addresses.size() * ports.size();
        for (int port : ports) {
            for (InetAddress address : addresses) {
                InetSocketAddress bound = new InetSocketAddress(address, port);
                server.watch(server.bindDatagrams(loop, bound), opened, datagramSockets);
                server.watch(server.bindStreams(loop, bound), null, 0);
            }
        }
        return opened;
    }

    private void watch(ChannelFuture binding, @Nullable CompletableFuture<DnsServer> opened, int wanted) {
        var unused = binding.addListener((ChannelFuture bound) -> {
            if (bound.isSuccess() && closed) {
                close(bound.channel());
            } else if (bound.isSuccess()) {
                channels.add(bound.channel());
            }
            if (opened != null && bound.isSuccess()) {
                opened.complete(this);
            } else if (opened != null && ++refused == wanted) {
                opened.completeExceptionally(bound.cause());
            }
        });
    }

    private ChannelFuture bindDatagrams(EventLoop loop, InetSocketAddress address) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollDatagramChannel.class)
                // Another server on all addresses, as dnsmasq is by default, leaves this one to us.
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(QUERY_BYTES_MAX))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        addDatagramHandlers(channel.pipeline());
                    }
                })
                .bind(address);
    }

    private ChannelFuture bindStreams(EventLoop loop, InetSocketAddress address) {
        return new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        boolean welcome = isWelcome(channel.remoteAddress()) && connections.size() < CONNECTIONS_MAX;
                        if (!welcome) {
                            counters.counter("dns.drop.connection").increment();
                            close(channel);
                            return;
                        }
                        connections.add(channel);
                        channel.pipeline().addLast(new ReadTimeoutHandler(IDLE_SECONDS_MAX));
                        addStreamHandlers(channel.pipeline());
                    }
                })
                .bind(address);
    }

    void addDatagramHandlers(ChannelPipeline pipeline) {
        pipeline.addLast(new DatagramDnsQueryDecoder())
                .addLast(new DatagramDnsResponseEncoder())
                .addLast(new Datagrams());
    }

    void addStreamHandlers(ChannelPipeline pipeline) {
        pipeline.addLast(new TcpDnsQueryDecoder())
                .addLast(new TcpDnsResponseEncoder())
                .addLast(new Streams());
    }

    private boolean isWelcome(SocketAddress sender) {
        return sender instanceof InetSocketAddress inet
                && (addresses.contains(inet.getAddress()) || mayAsk.test(inet.getAddress()));
    }

    private static void close(Channel channel) {
        var unused = channel.close();
    }

    /** Stops answering. */
    void close() {
        closed = true;
        channels.forEach(DnsServer::close);
        channels.clear();
        connections.forEach(DnsServer::close);
    }

    private static void send(ChannelHandlerContext context, DnsResponse response) {
        var unused = context.writeAndFlush(response);
    }

    private final class Datagrams extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            if (!isWelcome(query.sender())) {
                counters.counter("dns.drop.stranger").increment();
                return;
            }
            DnsResponse response = new DatagramDnsResponse(
                    /* sender= */ query.recipient(), /* recipient= */ query.sender(), query.id());
            questions.answer(
                    query, response, DnsQuestions.datagramBytesMax(query), answered -> send(context, answered));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable malformed) {
            counters.counter("dns.drop.malformed").increment();
        }
    }

    private final class Streams extends SimpleChannelInboundHandler<DnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DnsQuery query) {
            questions.answer(
                    query, new DefaultDnsResponse(query.id()), TCP_BYTES_MAX, answered -> send(context, answered));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable malformedOrIdle) {
            counters.counter("dns.drop.malformed").increment();
            close(context.channel());
        }
    }
}

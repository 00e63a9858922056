package io.p2pvpn.nat.io;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.p2pvpn.nat.portmap.GatewayAccess;
import io.p2pvpn.overlay.host.HostException;
import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers.Timer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The host's gateway over sockets of the node's loop, which its socket hook sees. Confined to the loop. */
public final class HostGatewayAccess implements GatewayAccess {
    private static final Path ROUTES = Path.of("/proc/net/route");
    private static final int DATAGRAM_BYTES_MAX = 4096;

    private final HostRuntime runtime;
    private final EventLoop loop;

    /** The gateway of the host that this runtime runs on. */
    public HostGatewayAccess(HostRuntime runtime) {
        this.runtime = runtime;
        this.loop = runtime.eventLoop();
    }

    @Override
    public CompletableFuture<@Nullable Gateway> defaultGateway(List<String> excludedDevices) {
        return runtime.blocking().call(() -> readGateway(excludedDevices));
    }

    private static @Nullable Gateway readGateway(List<String> excludedDevices) throws IOException {
        if (!Files.isReadable(ROUTES)) {
            return null;
        }
        List<String> lines = Files.readAllLines(ROUTES, StandardCharsets.US_ASCII);
        RouteTable.DefaultRoute route = RouteTable.defaultRoute(lines, excludedDevices);
        NetworkInterface device = route == null ? null : NetworkInterface.getByName(route.device());
        if (route == null || device == null) {
            return null;
        }
        byte[] gateway =
                ByteBuffer.allocate(Integer.BYTES).putInt(route.gateway()).array();
        InetAddress own = null;
        for (InterfaceAddress address : device.getInterfaceAddresses()) {
            byte[] bytes = address.getAddress().getAddress();
            if (bytes.length == 4 && sameNetwork(bytes, gateway, address.getNetworkPrefixLength())) {
                return new Gateway(InetAddress.getByAddress(gateway), address.getAddress());
            }
            own = own == null && bytes.length == 4 ? address.getAddress() : own;
        }
        return own == null ? null : new Gateway(InetAddress.getByAddress(gateway), own);
    }

    private static boolean sameNetwork(byte[] one, byte[] other, int prefixLength) {
        for (int bit = 0; bit < prefixLength; bit++) {
            if (((one[bit / 8] ^ other[bit / 8]) & (0x80 >> bit % 8)) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public CompletableFuture<DatagramSocket> open(Gateway gateway, DatagramReceiver receiver) {
        CompletableFuture<DatagramSocket> opened = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap().group(loop);
        if (runtime.isEpoll()) {
            bootstrap.channelFactory(EpollDatagramChannel::new);
        } else {
            bootstrap.channelFactory(NioDatagramChannel::new);
        }
        ChannelFuture binding = bootstrap
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DATAGRAM_BYTES_MAX))
                .handler(new Prepared(new Datagrams(receiver)))
                .bind(new InetSocketAddress(gateway.ownAddress(), 0));
        binding.addListener(future -> {
            if (future.isSuccess()) {
                opened.complete(new OpenSocket(binding.channel()));
            } else {
                opened.completeExceptionally(future.cause());
            }
        });
        return opened;
    }

    @Override
    public CompletableFuture<byte[]> exchange(
            Gateway gateway, Endpoint to, byte[] request, int bytesMax, Predicate<byte[]> isWhole, long nanosMax) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap().group(loop);
        if (runtime.isEpoll()) {
            bootstrap.channelFactory(EpollSocketChannel::new);
        } else {
            bootstrap.channelFactory(NioSocketChannel::new);
        }
        ChannelFuture connecting = bootstrap
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TimeUnit.NANOSECONDS.toMillis(nanosMax))
                .handler(new Prepared(new Exchange(answer, request, bytesMax, isWhole)))
                .connect(
                        new InetSocketAddress(to.address(), to.port()), new InetSocketAddress(gateway.ownAddress(), 0));
        connecting.addListener(future -> {
            if (!future.isSuccess()) {
                answer.completeExceptionally(future.cause());
            }
        });
        Timer limit = runtime.timers()
                .schedule(nanosMax, () -> answer.completeExceptionally(new IOException("no answer in time")));
        return answer.whenComplete((bytes, failure) -> {
            limit.cancel();
            ChannelFuture unused = connecting.channel().close();
        });
    }

    /** Shows a new channel to the socket hook, then gives it its handler. */
    private final class Prepared extends ChannelInitializer<Channel> {
        private final SimpleChannelInboundHandler<?> handler;

        Prepared(SimpleChannelInboundHandler<?> handler) {
            this.handler = handler;
        }

        @Override
        protected void initChannel(Channel channel) throws HostException {
            if (channel instanceof UnixChannel unix) {
                runtime.socketHook().beforeBind(unix.fd().intValue());
            }
            channel.pipeline().addLast(handler);
        }
    }

    private record OpenSocket(Channel channel) implements DatagramSocket {
        @Override
        public void send(Endpoint to, byte[] datagram) {
            InetSocketAddress target = new InetSocketAddress(to.address(), to.port());
            ChannelFuture unused = channel.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(datagram), target));
        }

        @Override
        public void close() {
            ChannelFuture unused = channel.close();
        }
    }

    private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
        private final DatagramReceiver receiver;

        Datagrams(DatagramReceiver receiver) {
            this.receiver = receiver;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            InetSocketAddress sender = packet.sender();
            Endpoint from = Endpoint.of(Endpoint.Kind.UDP, sender.getAddress().getAddress(), sender.getPort());
            if (from != null) {
                byte[] bytes = ByteBufUtil.getBytes(packet.content());
                runtime.timers().execute(() -> receiver.onDatagram(from, bytes));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // An ICMP error: as good as no answer.
            runtime.counters().counter("portmap.drop.error").increment();
        }
    }

    /** One request and its answer. What the protocol makes of the bytes runs as a task of the node. */
    private final class Exchange extends SimpleChannelInboundHandler<ByteBuf> {
        private final CompletableFuture<byte[]> answer;
        private final byte[] request;
        private final int bytesMax;
        private final Predicate<byte[]> isWhole;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();

        Exchange(CompletableFuture<byte[]> answer, byte[] request, int bytesMax, Predicate<byte[]> isWhole) {
            this.answer = answer;
            this.request = request;
            this.bytesMax = bytesMax;
            this.isWhole = isWhole;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            ChannelFuture unused = context.writeAndFlush(Unpooled.wrappedBuffer(request));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
            if (received.size() + bytes.readableBytes() > bytesMax) {
                fail(new IOException("an answer of more than " + bytesMax + " bytes"));
            } else {
                received.writeBytes(ByteBufUtil.getBytes(bytes));
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            byte[] bytes = received.toByteArray();
            runtime.timers().execute(() -> {
                if (!answer.isDone() && isWhole.test(bytes)) {
                    answer.complete(bytes);
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            byte[] bytes = received.toByteArray();
            runtime.timers().execute(() -> answer.complete(bytes));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause);
        }

        private void fail(Throwable cause) {
            runtime.timers().execute(() -> answer.completeExceptionally(cause));
        }
    }
}

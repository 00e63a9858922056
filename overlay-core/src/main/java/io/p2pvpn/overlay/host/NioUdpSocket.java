package io.p2pvpn.overlay.host;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A UDP socket for systems without epoll: one datagram per call and per frame. Confined to the loop. */
final class NioUdpSocket implements UdpSocket {
    private static final int QUEUE_LOW_BYTES = 1 << 20;
    private static final int QUEUE_HIGH_BYTES = 4 << 20;
    private static final int SOCKET_BUFFER_BYTES = 2 << 20;

    private final Channel channel;
    private final TransportCounters counters;
    private final Consumer<Throwable> onFailure;
    private final ChannelFutureListener countFailure = this::onWritten;
    private final byte[] frame = new byte[1 << 16];
    private Transport.@Nullable Receiver receiver;

    private NioUdpSocket(Channel channel, TransportCounters counters, Consumer<Throwable> onFailure) {
        this.channel = channel;
        this.counters = counters;
        this.onFailure = onFailure;
    }

    /** Binds a socket; not to be called on the loop. */
    static NioUdpSocket open(
            EventLoop loop, ListenAddress where, TransportCounters counters, Consumer<Throwable> onFailure)
            throws HostException {
        InetAddress address = where.address();
        InetSocketAddress local =
                address == null ? new InetSocketAddress(where.port()) : new InetSocketAddress(address, where.port());
        Relay relay = new Relay();
        ChannelFuture bound = new Bootstrap()
                .group(loop)
                .channelFactory(NioDatagramChannel::new)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(1 << 16))
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(QUEUE_LOW_BYTES, QUEUE_HIGH_BYTES))
                .handler(relay)
                .bind(local)
                .awaitUninterruptibly();
        Throwable cause = bound.cause();
        if (cause != null) {
            throw BindFailure.of("UDP", where, cause);
        }
        NioUdpSocket socket = new NioUdpSocket(bound.channel(), counters, onFailure);
        relay.socket = socket;
        return socket;
    }

    /** Passes the channel's events on; nothing is read before {@link #start}, so the socket is known by then. */
    private static final class Relay extends SimpleChannelInboundHandler<DatagramPacket> {
        private @Nullable NioUdpSocket socket;

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            NioUdpSocket target = socket;
            if (target != null) {
                target.onPacket(packet);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            NioUdpSocket target = socket;
            if (target != null && target.receiver != null) {
                target.receiver.onBatchEnd();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            NioUdpSocket target = socket;
            if (target != null && target.receiver != null && context.channel().isWritable()) {
                target.receiver.onWritable();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            NioUdpSocket target = socket;
            if (target != null) {
                target.onException(cause);
            }
        }
    }

    private void onPacket(DatagramPacket packet) {
        ByteBuf content = packet.content();
        int length = content.readableBytes();
        InetSocketAddress from = packet.sender();
        Endpoint sender = Endpoint.of(Kind.UDP, from.getAddress().getAddress(), from.getPort());
        Transport.Receiver current = receiver;
        if (current == null || sender == null || length == 0) {
            counters.dropNoSender.increment();
            return;
        }
        if (length > Transport.BATCH_BYTES_MAX) {
            counters.dropTooBig.increment();
            return;
        }
        content.readBytes(frame, 0, length);
        counters.receiveBatches.increment();
        counters.receiveFrames.increment();
        counters.receiveBytes.add(length);
        current.onFrames(sender, frame, 0, length, length, Transport.CLASS_DEFAULT);
    }

    private void onException(Throwable cause) {
        if (cause instanceof IOException) {
            counters.receiveErrors.increment();
        } else {
            onFailure.accept(cause);
        }
    }

    private void onWritten(ChannelFuture written) {
        if (!written.isSuccess()) {
            counters.dropSendError.increment();
        }
    }

    @Override
    public InetAddress localAddress() {
        return ((InetSocketAddress) channel.localAddress()).getAddress();
    }

    @Override
    public int localPort() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    @Override
    public boolean reaches(Endpoint to) {
        InetAddress local = localAddress();
        return local.isAnyLocalAddress() || (local.getAddress().length == 16) == to.isIpv6();
    }

    @Override
    public void start(Transport.Receiver newReceiver) {
        receiver = newReceiver;
        channel.config().setAutoRead(true);
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        if (!channel.isWritable()) {
            counters.dropQueueFull.increment();
            return false;
        }
        InetSocketAddress target = new InetSocketAddress(to.address(), to.port());
        counters.sendBatches.increment();
        counters.sendBytes.add(length);
        for (int at = 0; at < length; at += segmentBytes) {
            int size = Math.min(segmentBytes, length - at);
            ByteBuf bytes = channel.alloc().directBuffer(size).writeBytes(buffer, offset + at, size);
            counters.sendFrames.increment();
            channel.write(new DatagramPacket(bytes, target)).addListener(countFailure);
        }
        return true;
    }

    /** Java 17 has no option for that. */
    @Override
    public boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length) {
        return false;
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void close() {
        ChannelFuture unused = channel.close();
    }
}

package io.p2pvpn.vpn.node;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.p2pvpn.vpn.ethernet.EthernetPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * Takes what DHCP clients behind a TAP device send to the host's own address, which the host receives and not the
 * device: to renew a lease, and to give it back (RFC 2131 section 4.4.4). Confined to the node's loop.
 */
final class DhcpSocket {
    private static final int SERVER_PORT = 67;
    private static final int CLIENT_PORT = 68;
    private static final int MESSAGE_BYTES_MAX = 1500;

    private DhcpSocket() {}

    /** Opens it on that address only; completes on the loop with what closes it. */
    static CompletableFuture<Runnable> open(EventLoop loop, InetSocketAddress own, EthernetPort port) {
        CompletableFuture<Runnable> opened = new CompletableFuture<>();
        ChannelFuture binding = new Bootstrap()
                .group(loop)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MESSAGE_BYTES_MAX))
                .handler(new Messages(port))
                .bind(own);
        var unused = binding.addListener((ChannelFuture bound) -> {
            if (bound.isSuccess()) {
                opened.complete(() -> close(bound.channel()));
            } else {
                opened.completeExceptionally(bound.cause());
            }
        });
        return opened;
    }

    static InetSocketAddress at(InetAddress own) {
        return new InetSocketAddress(own, SERVER_PORT);
    }

    private static void close(Channel channel) {
        var unused = channel.close();
    }

    private static final class Messages extends SimpleChannelInboundHandler<DatagramPacket> {
        private final EthernetPort port;

        Messages(EthernetPort port) {
            this.port = port;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            InetSocketAddress sender = packet.sender();
            if (sender.getPort() == CLIENT_PORT) {
                port.onDatagram(
                        ByteBufUtil.getBytes(packet.content()),
                        sender.getAddress().getAddress(),
                        (buffer, at, bytes) -> {
                            var unused = context.writeAndFlush(
                                    new DatagramPacket(Unpooled.copiedBuffer(buffer, at, bytes), sender));
                        });
            }
        }
    }
}

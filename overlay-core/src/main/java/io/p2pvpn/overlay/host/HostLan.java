package io.p2pvpn.overlay.host;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.UnixChannel;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.LanPort;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Multicast on the links of this host: one socket per family hears the group on every link and answers; one socket per
 * link and family, bound to an address that others can reach the node at, sends to the group and hears the answers.
 * Nobody changes the system's hop limit of multicast, which is 1. Confined to the loop.
 *
 * <p>Who is not on one of our links is not listened to, so that nobody far away can make a node answer or call.
 */
final class HostLan implements LanPort {
    /** The port of the groups, unassigned at IANA. */
    static final int PORT = 27_032;
    /** Of the scope that an organisation administers itself (RFC 2365, section 6.2). */
    static final InetAddress GROUP_IPV4 = address(239, 255, 112, 50);
    /** Not assigned for good, and of the scope of one link (RFC 4291, section 2.7). */
    static final InetAddress GROUP_IPV6 = address(0xff, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x70, 0x32, 0x70, 0x76);

    private static final InetAddress ANY_IPV4 = address(new int[4]);
    private static final InetAddress ANY_IPV6 = address(new int[16]);
    private static final int LINKS_MAX = 16;

    private record Link(NetworkInterface device, InetAddress address, int prefixBits) {
        boolean isIpv6() {
            return address instanceof Inet6Address;
        }

        /** Stays the same as long as its sockets are good: a device that was made anew has another index. */
        String key() {
            return device.getIndex() + " " + address.getHostAddress();
        }

        boolean contains(InetAddress other) {
            byte[] ours = address.getAddress();
            byte[] theirs = other.getAddress();
            boolean same = ours.length == theirs.length;
            for (int bit = 0; same && bit < prefixBits; bit += Byte.SIZE) {
                int mask = 0xff00 >> Math.min(Byte.SIZE, prefixBits - bit);
                same = ((ours[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & mask & 0xff) == 0;
            }
            return same;
        }
    }

    private final EventLoop loop;
    private final HostOptions options;
    private final boolean epoll;
    private final TransportCounters counters;
    private final Supplier<List<String>> excludedDevices;
    private final LanPort.Receiver receiver;
    private final ChannelFutureListener countFailure = this::onDone;
    private final Map<Boolean, DatagramChannel> groups = new LinkedHashMap<>();
    private final Map<String, Channel> senders = new LinkedHashMap<>();
    private List<Link> links = List.of();
    private boolean closed;

    HostLan(
            EventLoop loop,
            HostOptions options,
            boolean epoll,
            TransportCounters counters,
            Supplier<List<String>> excludedDevices,
            LanPort.Receiver receiver) {
        this.loop = loop;
        this.options = options;
        this.epoll = epoll;
        this.counters = counters;
        this.excludedDevices = excludedDevices;
        this.receiver = receiver;
        lookAtLinks();
    }

    private static InetAddress address(int... bytes) {
        byte[] address = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            address[i] = (byte) bytes[i];
        }
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One address of each family per device is enough to be heard on its link. */
    private void lookAtLinks() {
        List<Link> now = new ArrayList<>();
        InterfaceAddresses.links(excludedDevices.get()).forEach((device, addresses) -> {
            for (boolean ipv6 : new boolean[] {false, true}) {
                addresses.stream()
                        .filter(each -> each.getAddress() instanceof Inet6Address == ipv6)
                        .filter(unused -> now.size() < LINKS_MAX)
                        .findFirst()
                        .ifPresent(each -> now.add(link(device, each)));
            }
        });
        links = now;
        List<String> keys = now.stream().map(Link::key).toList();
        senders.entrySet().removeIf(each -> {
            boolean gone = !keys.contains(each.getKey()) || !each.getValue().isOpen();
            if (gone) {
                end(each.getValue());
            }
            return gone;
        });
        for (Link link : now) {
            if (!senders.containsKey(link.key())) {
                listen(link);
                senders.put(link.key(), open(link.isIpv6(), link, new InetSocketAddress(link.address(), 0)));
            }
        }
    }

    private static Link link(NetworkInterface device, InterfaceAddress address) {
        return new Link(device, address.getAddress(), address.getNetworkPrefixLength());
    }

    private void listen(Link link) {
        DatagramChannel group = groups.get(link.isIpv6());
        if (group == null || !group.isOpen()) {
            group = open(link.isIpv6(), null, new InetSocketAddress(link.isIpv6() ? ANY_IPV6 : ANY_IPV4, PORT));
            groups.put(link.isIpv6(), group);
        }
        DatagramChannel joining = group;
        // In the order of the loop's tasks this comes after the bind.
        loop.execute(() -> {
            if (joining.isOpen()) {
                ChannelFuture joined = joining.joinGroup(
                        new InetSocketAddress(link.isIpv6() ? GROUP_IPV6 : GROUP_IPV4, PORT), link.device());
                joined.addListener(countFailure);
            }
        });
    }

    private DatagramChannel open(boolean ipv6, @Nullable Link link, InetSocketAddress local) {
        SocketProtocolFamily family = ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channelFactory(() -> epoll ? new EpollDatagramChannel(family) : new NioDatagramChannel(family))
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new Listener());
        if (link != null) {
            bootstrap.option(ChannelOption.IP_MULTICAST_IF, link.device());
        }
        ChannelFuture bound = bootstrap.bind(local);
        bound.addListener(countFailure);
        return (DatagramChannel) bound.channel();
    }

    private void end(Channel channel) {
        channel.close().addListener(countFailure);
    }

    private void onDone(ChannelFuture done) {
        if (!done.isSuccess()) {
            counters.lanErrors.increment();
        }
    }

    @Sharable
    private final class Listener extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        public void channelRegistered(ChannelHandlerContext context) throws HostException {
            if (context.channel() instanceof UnixChannel unix) {
                options.socketHook().beforeBind(unix.fd().intValue());
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
            onPacket(packet.sender(), packet.content());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof IOException || cause instanceof HostException) {
                counters.lanErrors.increment();
            } else {
                options.onFailure().accept(cause);
            }
        }
    }

    private void onPacket(InetSocketAddress sender, ByteBuf content) {
        InetAddress address = sender.getAddress();
        Endpoint from = Endpoint.of(Endpoint.Kind.UDP, address.getAddress(), sender.getPort());
        if (content.readableBytes() > MESSAGE_BYTES_MAX) {
            counters.lanTooLong.increment();
        } else if (from == null || links.stream().noneMatch(link -> link.contains(address))) {
            counters.lanOffLink.increment();
        } else if (!closed) {
            byte[] message = new byte[content.readableBytes()];
            content.readBytes(message);
            receiver.onMessage(from, message);
        }
    }

    @Override
    public void sendToAll(byte[] message) {
        if (closed) {
            return;
        }
        lookAtLinks();
        for (Link link : links) {
            Channel sender = senders.get(link.key());
            if (sender != null) {
                // After the bind, if the socket is new.
                loop.execute(() -> write(sender, message, new InetSocketAddress(group(link), PORT)));
            }
        }
    }

    private static InetAddress group(Link link) {
        if (!link.isIpv6()) {
            return GROUP_IPV4;
        }
        try {
            return Inet6Address.getByAddress(
                    null, GROUP_IPV6.getAddress(), link.device().getIndex());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void send(Endpoint to, byte[] message) {
        Channel group = groups.get(to.isIpv6());
        if (group != null && !closed) {
            write(group, message, new InetSocketAddress(to.address(), to.port()));
        }
    }

    private void write(Channel channel, byte[] message, InetSocketAddress to) {
        if (channel.isActive()) {
            channel.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(message), to))
                    .addListener(countFailure);
        }
    }

    @Override
    public void close() {
        closed = true;
        groups.values().forEach(this::end);
        senders.values().forEach(this::end);
        groups.clear();
        senders.clear();
    }
}

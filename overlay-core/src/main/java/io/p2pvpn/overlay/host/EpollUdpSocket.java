package io.p2pvpn.overlay.host;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket on the loop's epoll: {@link UdpReceiveQueue} and {@link UdpSendQueue} around one descriptor. Confined to
 * the loop.
 */
final class EpollUdpSocket implements UdpSocket, EpollIoHandle {
    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    private static final EpollIoOps READ_AND_WRITE = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT);

    private final IoEventLoop loop;
    private final UdpDescriptor descriptor;
    private final InetAddress localAddress;
    private final Consumer<Throwable> onFailure;
    private final FileDescriptor fd;
    private final TransportCounters counters;
    private final SocketAddresses addresses;
    private final UdpReceiveQueue receiveQueue;
    private UdpSendQueue sendQueue;
    private Transport.@Nullable Receiver receiver;
    private @Nullable IoRegistration registration;
    private boolean awaitsWritable;
    private boolean owesNotice;
    private boolean closed;

    EpollUdpSocket(
            IoEventLoop loop,
            UdpDescriptor descriptor,
            InetAddress localAddress,
            TransportCounters counters,
            Consumer<Throwable> onFailure) {
        this.loop = loop;
        this.descriptor = descriptor;
        this.localAddress = localAddress;
        this.onFailure = onFailure;
        this.counters = counters;
        this.fd = new FileDescriptor(descriptor.fd());
        this.addresses = new SocketAddresses(descriptor.ipv6());
        this.sendQueue = new UdpSendQueue(Posix.get(), descriptor.fd(), descriptor.segmentation(), counters);
        this.receiveQueue = new UdpReceiveQueue(Posix.get(), addresses, counters);
    }

    /** One of many: it shares memory with {@code model}, a socket of the same kind, until it carries bulk. */
    EpollUdpSocket(EpollUdpSocket model, UdpDescriptor descriptor) {
        this.loop = model.loop;
        this.descriptor = descriptor;
        this.localAddress = model.localAddress;
        this.onFailure = model.onFailure;
        this.counters = model.counters;
        this.fd = new FileDescriptor(descriptor.fd());
        this.addresses = model.addresses;
        this.sendQueue = UdpSendQueue.small(Posix.get(), descriptor.fd(), descriptor.segmentation(), counters);
        this.receiveQueue = model.receiveQueue;
    }

    UdpDescriptor descriptor() {
        return descriptor;
    }

    /** Whether {@code other} speaks the same address families. */
    boolean isLike(UdpDescriptor other) {
        return descriptor.ipv6() == other.ipv6();
    }

    @Override
    public InetAddress localAddress() {
        return localAddress;
    }

    @Override
    public int localPort() {
        return descriptor.port();
    }

    @Override
    public boolean reaches(Endpoint to) {
        return to.isIpv6() ? descriptor.ipv6() : !descriptor.ipv6() || localAddress.isAnyLocalAddress();
    }

    @Override
    public void start(Transport.Receiver newReceiver) {
        assert loop.inEventLoop();
        receiver = newReceiver;
        loop.register(this).addListener(future -> {
            if (!future.isSuccess()) {
                onFailure.accept(future.cause());
                return;
            }
            IoRegistration made = (IoRegistration) future.getNow();
            registration = made;
            made.submit(awaitsWritable ? READ_AND_WRITE : READ);
        });
    }

    @Override
    public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        byte[] sockaddr = addresses.sockaddr(to);
        if (sockaddr == null || closed) {
            sendQueue.countUnreachable();
            return true;
        }
        holdSo(length);
        boolean queued = sendQueue.add(sockaddr, buffer, offset, length, segmentBytes, trafficClass);
        afterSending();
        return queued;
    }

    @Override
    public boolean sendUncut(Endpoint to, byte[] buffer, int offset, int length) {
        byte[] sockaddr = addresses.sockaddr(to);
        if (sockaddr == null || closed) {
            return false;
        }
        holdSo(length);
        boolean queued = sendQueue.addUncut(sockaddr, buffer, offset, length);
        afterSending();
        return queued;
    }

    private void holdSo(int length) {
        if (!sendQueue.holds(length)) {
            sendQueue.flush();
            sendQueue = sendQueue.large();
        }
    }

    @Override
    public void flush() {
        if (!closed) {
            sendQueue.flush();
            afterSending();
        }
    }

    @Override
    public boolean isWritable() {
        return !sendQueue.isCongested();
    }

    private void afterSending() {
        awaitWritable(sendQueue.isBlocked());
        if (sendQueue.isCongested()) {
            owesNotice = true;
        } else if (owesNotice) {
            owesNotice = false;
            loop.execute(this::reportWritable);
        }
    }

    private void reportWritable() {
        Transport.Receiver current = receiver;
        if (current == null || closed || sendQueue.isCongested()) {
            return;
        }
        try {
            current.onWritable();
        } catch (RuntimeException | Error failure) {
            onFailure.accept(failure);
        }
    }

    private void awaitWritable(boolean wanted) {
        if (wanted == awaitsWritable) {
            return;
        }
        awaitsWritable = wanted;
        IoRegistration current = registration;
        if (current != null && current.isValid()) {
            current.submit(wanted ? READ_AND_WRITE : READ);
        }
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        Transport.Receiver current = receiver;
        if (closed || current == null) {
            return;
        }
        EpollIoOps ops = ((EpollIoEvent) event).ops();
        // The loop's library would log what a callback throws and go on; a broken node must stop instead.
        try {
            if (ops.contains(EpollIoOps.EPOLLOUT)) {
                flush();
            }
            // Not only for EPOLLIN: a pending error also shows here, and is cleared by the receiving call.
            if (!closed && !ops.equals(EpollIoOps.EPOLLOUT)) {
                receiveQueue.drain(descriptor.fd(), current);
            }
        } catch (RuntimeException | Error failure) {
            onFailure.accept(failure);
        }
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        IoRegistration current = registration;
        if (current != null) {
            current.cancel();
        }
        Posix.get().close(descriptor.fd());
    }
}

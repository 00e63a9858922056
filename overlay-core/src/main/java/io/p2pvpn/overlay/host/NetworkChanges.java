package io.p2pvpn.overlay.host;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the addresses of this host, or its default routes, are others than before: an rtnetlink socket on the
 * loop's epoll that hears of links, addresses and routes (rtnetlink(7)). Confined to the loop.
 *
 * <p>What the kernel tells is a hint to look, since much of it is of no matter here (devices of containers, life times
 * of addresses); only another list of usable addresses, or a default route that came or went, is reported.
 */
final class NetworkChanges implements EpollIoHandle {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkChanges.class);

    /** An address is replaced in several steps, which take a moment. */
    private static final long SETTLE_NANOS = 50_000_000L;
    /** Devices that come and go all the time are looked at so often. */
    private static final long GAP_NANOS = 200_000_000L;

    // linux/netlink.h, linux/rtnetlink.h
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOCKADDR_NL_BYTES = 12;
    private static final int SOCKADDR_GROUPS_OFFSET = 8;
    private static final int GROUP_LINK = 0x1;
    private static final int GROUP_IPV4_ADDRESS = 0x10;
    private static final int GROUP_IPV4_ROUTE = 0x40;
    private static final int GROUP_IPV6_ADDRESS = 0x100;
    private static final int GROUP_IPV6_ROUTE = 0x400;
    private static final int HEADER_BYTES = 16;
    private static final int HEADER_TYPE_OFFSET = 4;
    private static final int TYPE_NEW_ROUTE = 24;
    private static final int TYPE_DELETE_ROUTE = 25;
    private static final int ROUTE_PREFIX_LENGTH_OFFSET = HEADER_BYTES + 1;

    private static final int BUFFER_BYTES = 16_384;
    private static final int DATAGRAMS_PER_TURN_MAX = 64;

    private final Posix posix = Posix.get();
    private final LoopTimers timers;
    private final Runnable onChanged;
    private final Consumer<Throwable> onFailure;
    private final FileDescriptor fd;
    private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER_BYTES);
    private List<InetAddress> addresses = InterfaceAddresses.list(List.of());
    private boolean routesChanged;
    private boolean lookScheduled;
    private long lookedNanos = System.nanoTime() - GAP_NANOS;
    private @Nullable IoRegistration registration;
    private boolean closed;

    private NetworkChanges(int descriptor, LoopTimers timers, Runnable onChanged, Consumer<Throwable> onFailure) {
        this.timers = timers;
        this.onChanged = onChanged;
        this.onFailure = onFailure;
        this.fd = new FileDescriptor(descriptor);
    }

    /** Begins to listen; null where the kernel does not let us, and changes are then noticed by silence only. */
    static @Nullable NetworkChanges open(
            IoEventLoop loop, LoopTimers timers, Runnable onChanged, Consumer<Throwable> onFailure) {
        Posix posix = Posix.get();
        int type = SOCK_RAW | LinuxConstants.SOCK_CLOEXEC | LinuxConstants.SOCK_NONBLOCK;
        int descriptor = posix.socket(AF_NETLINK, type, NETLINK_ROUTE);
        if (descriptor < 0) {
            LOG.warn("cannot hear of network changes: {}", posix.strerror(Posix.lastErrno()));
            return null;
        }
        NetworkChanges changes = new NetworkChanges(descriptor, timers, onChanged, onFailure);
        changes.buffer.putShort(0, AF_NETLINK);
        changes.buffer.putInt(
                SOCKADDR_GROUPS_OFFSET,
                GROUP_LINK | GROUP_IPV4_ADDRESS | GROUP_IPV4_ROUTE | GROUP_IPV6_ADDRESS | GROUP_IPV6_ROUTE);
        if (posix.bind(descriptor, changes.buffer.address(), SOCKADDR_NL_BYTES) != 0) {
            LOG.warn("cannot hear of network changes: {}", posix.strerror(Posix.lastErrno()));
            posix.close(descriptor);
            return null;
        }
        loop.register(changes).addListener(future -> {
            if (future.isSuccess()) {
                IoRegistration made = (IoRegistration) future.getNow();
                changes.registration = made;
                made.submit(EpollIoOps.EPOLLIN);
            } else {
                onFailure.accept(future.cause());
            }
        });
        return changes;
    }

    @Override
    public void handle(IoRegistration source, IoEvent event) {
        if (closed) {
            return;
        }
        try {
            boolean heard = false;
            for (int i = 0; i < DATAGRAMS_PER_TURN_MAX; i++) {
                int length = (int) posix.recv(fd.intValue(), buffer.address(), BUFFER_BYTES, 0);
                if (length <= 0 && Posix.lastErrno() != LinuxConstants.ENOBUFS) {
                    break;
                }
                // Without room in the socket some were lost: those that matter may be among them.
                heard |= length <= 0 || isOfInterest(length);
            }
            if (heard) {
                lookSoon();
            }
        } catch (RuntimeException | Error failure) {
            onFailure.accept(failure);
        }
    }

    /** Goes through one datagram: addresses, links and default routes matter. */
    private boolean isOfInterest(int length) {
        boolean found = false;
        for (int at = 0; at + HEADER_BYTES < length; ) {
            int bytes = buffer.getInt(at);
            int type = buffer.getShort(at + HEADER_TYPE_OFFSET) & 0xffff;
            if (bytes <= HEADER_BYTES || bytes > length - at) {
                return true;
            }
            boolean isRoute = type == TYPE_NEW_ROUTE || type == TYPE_DELETE_ROUTE;
            boolean isDefaultRoute = isRoute && buffer.getByte(at + ROUTE_PREFIX_LENGTH_OFFSET) == 0;
            routesChanged |= isDefaultRoute;
            found |= !isRoute || isDefaultRoute;
            at += (bytes + 3) & ~3;
        }
        return found;
    }

    private void lookSoon() {
        if (!lookScheduled) {
            lookScheduled = true;
            long pause = Math.max(SETTLE_NANOS, lookedNanos + GAP_NANOS - System.nanoTime());
            timers.schedule(pause, this::look);
        }
    }

    private void look() {
        lookScheduled = false;
        if (closed) {
            return;
        }
        lookedNanos = System.nanoTime();
        List<InetAddress> now = List.copyOf(InterfaceAddresses.list(List.of()));
        if (routesChanged || !now.equals(addresses)) {
            routesChanged = false;
            addresses = now;
            onChanged.run();
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
        posix.close(fd.intValue());
    }
}

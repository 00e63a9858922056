package io.p2pvpn.vpn.tun;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A TUN device of the Linux kernel with virtio headers (Documentation/networking/tuntap.rst), read without waiting. It
 * exists as long as its descriptor is open.
 */
public final class LinuxTun implements TunDevice {
    /** Errors are always reported; an empty set would take the descriptor off the loop. */
    private static final EpollIoOps PAUSED = EpollIoOps.EPOLLERR;

    private final Posix posix;
    private final String name;
    private final int fd;
    private final boolean offloads;
    private final boolean udpSegmentation;
    private final List<LinuxTun> queues = new ArrayList<>();
    private final NativeBuffer readBuffer = NativeBuffer.allocate(READ_BYTES_MAX);
    private final NativeBuffer writeBuffer = NativeBuffer.allocate(READ_BYTES_MAX);
    private @Nullable Listener listener;
    private @Nullable IoRegistration registration;
    private boolean reading;
    private boolean gone;
    private boolean closed;

    LinuxTun(Posix posix, String name, int fd, boolean offloads, boolean udpSegmentation) {
        this.posix = posix;
        this.name = name;
        this.fd = fd;
        this.offloads = offloads;
        this.udpSegmentation = udpSegmentation;
    }

    /**
     * Makes a device.
     *
     * @param name the name, or null for the first free one of p2p0, p2p1, ...
     * @throws TunException when the host refuses
     */
    public static LinuxTun open(@Nullable String name) throws TunException {
        return open(name, true);
    }

    /**
     * Makes a device that hands over single packets only, unless {@code offloads} is set.
     *
     * @throws TunException when the host refuses
     */
    public static LinuxTun open(@Nullable String name, boolean offloads) throws TunException {
        return open(name, offloads, 1);
    }

    /**
     * Makes a device with up to {@code queues} parts, this one included: as many as the kernel allows.
     *
     * @throws TunException when the host refuses
     */
    public static LinuxTun open(@Nullable String name, boolean offloads, int queues) throws TunException {
        return new TunOpener(Posix.get()).open(name, offloads, queues);
    }

    void add(LinuxTun queue) {
        queues.add(queue);
    }

    /** The same as {@link #queues}, in their own type. */
    public List<LinuxTun> linuxQueues() {
        return queues;
    }

    @Override
    public List<TunDevice> queues() {
        return List.copyOf(queues);
    }

    /**
     * Puts the device on an event loop, which owns it from then on. Called once.
     *
     * @throws TunException when the loop does not run on epoll
     */
    public void attach(IoEventLoop loop) throws TunException {
        if (!loop.isCompatible(Handle.class)) {
            throw new TunException(
                    "the event loop does not run on epoll",
                    "a TUN device needs Linux on x86_64 or aarch64 with Netty's native epoll library",
                    false);
        }
        loop.register(new Handle()).addListener(future -> {
            if (future.isSuccess()) {
                onRegistered((IoRegistration) future.getNow());
            } else {
                becomeGone();
            }
        });
    }

    private void onRegistered(IoRegistration registration) {
        if (closed || gone) {
            registration.cancel();
            return;
        }
        this.registration = registration;
        submit();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean hasOffloads() {
        return offloads;
    }

    @Override
    public boolean hasUdpSegmentation() {
        return udpSegmentation;
    }

    @Override
    public void setListener(Listener listener) {
        this.listener = listener;
    }

    @Override
    public int read(byte[] buffer) {
        if (closed || gone) {
            return 0;
        }
        int length = (int) posix.read(fd, readBuffer.address(), READ_BYTES_MAX);
        if (length > 0) {
            readBuffer.get(0, buffer, 0, length);
            return length;
        }
        checkGone(Posix.lastErrno());
        return 0;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        if (closed || gone) {
            return false;
        }
        writeBuffer.put(0, buffer, offset, length);
        if (posix.write(fd, writeBuffer.address(), length) == length) {
            return true;
        }
        checkGone(Posix.lastErrno());
        return false;
    }

    private void checkGone(int errno) {
        if (errno == LinuxConstants.EBADFD && !gone) {
            becomeGone();
        }
    }

    private void becomeGone() {
        gone = true;
        deregister();
        if (listener != null) {
            listener.onGone();
        }
    }

    @Override
    public void resumeReading() {
        reading = true;
        submit();
    }

    @Override
    public void pauseReading() {
        reading = false;
        submit();
    }

    private void submit() {
        if (registration != null && registration.isValid()) {
            registration.submit(reading ? EpollIoOps.EPOLLIN : PAUSED);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            deregister();
            posix.close(fd);
        }
    }

    private void deregister() {
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    private final class Handle implements EpollIoHandle {
        private final FileDescriptor descriptor = new FileDescriptor(fd);

        @Override
        public FileDescriptor fd() {
            return descriptor;
        }

        @Override
        public void handle(IoRegistration unused, IoEvent event) {
            if (closed || gone) {
                return;
            }
            EpollIoOps ops = ((EpollIoEvent) event).ops();
            // Only a removed device reports an error, and it does so for ever.
            if (ops.contains(EpollIoOps.EPOLLERR)) {
                becomeGone();
            } else if (reading && listener != null) {
                listener.onReadable();
            }
        }

        /** The loop ends. */
        @Override
        public void close() {
            LinuxTun.this.close();
        }
    }
}

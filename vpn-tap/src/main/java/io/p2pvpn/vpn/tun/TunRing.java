package io.p2pvpn.vpn.tun;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.p2pvpn.overlay.posix.Posix;
import org.jspecify.annotations.Nullable;

/** One descriptor of a device, with the kernel's ring behind it, on the loop's epoll. Confined to the loop. */
final class TunRing implements EpollIoHandle {
    /** Errors are always reported; an empty set would take the descriptor off the loop. */
    private static final EpollIoOps MUTED = EpollIoOps.EPOLLERR;

    /** The device that the ring belongs to. */
    interface Owner {
        /** Packets wait; false if they are not wanted, and nothing more is to be told until {@link #unmute}. */
        boolean onRingReady(int number);

        /** Somebody removed the device, or the ring cannot be heard. */
        void onRingGone();

        /** The loop ends. */
        void onLoopEnd();
    }

    private final Owner owner;
    private final int number;
    private final int fd;
    private final FileDescriptor descriptor;
    private @Nullable IoRegistration registration;
    private boolean muted;
    private boolean deaf;
    private boolean closed;

    TunRing(Owner owner, int number, int fd) {
        this.owner = owner;
        this.number = number;
        this.fd = fd;
        this.descriptor = new FileDescriptor(fd);
    }

    int descriptorNumber() {
        return fd;
    }

    void attach(IoEventLoop loop) {
        loop.register(this).addListener(future -> {
            if (!future.isSuccess()) {
                owner.onRingGone();
            } else if (deaf) {
                ((IoRegistration) future.getNow()).cancel();
            } else {
                registration = (IoRegistration) future.getNow();
                submit();
            }
        });
    }

    /** Tells of packets again. */
    void unmute() {
        if (muted) {
            muted = false;
            submit();
        }
    }

    private void submit() {
        if (registration != null && registration.isValid()) {
            registration.submit(muted ? MUTED : EpollIoOps.EPOLLIN);
        }
    }

    @Override
    public FileDescriptor fd() {
        return descriptor;
    }

    @Override
    public void handle(IoRegistration unused, IoEvent event) {
        if (deaf) {
            return;
        }
        // Only a removed device reports an error, and it does so for ever.
        if (((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLERR)) {
            owner.onRingGone();
        } else if (!owner.onRingReady(number)) {
            muted = true;
            submit();
        }
    }

    /** Hears nothing more. */
    void deregister() {
        deaf = true;
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    /** The loop ends. */
    @Override
    public void close() {
        owner.onLoopEnd();
    }

    /** Gives the ring back to the kernel. */
    void release() {
        if (!closed) {
            closed = true;
            deregister();
            Posix.get().close(fd);
        }
    }
}

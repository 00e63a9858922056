package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.lang.ref.Reference;

/** Socket options that are one int; for use while a socket is set up, not per packet. */
final class SocketOptions {
    private SocketOptions() {}

    /** Sets an option; false when the kernel refused, the reason then being in {@link Posix#lastErrno}. */
    static boolean set(int fd, int level, int option, int value) {
        NativeBuffer buffer = NativeBuffer.allocate(Integer.BYTES);
        buffer.putInt(0, value);
        try {
            return Posix.get().setsockopt(fd, level, option, buffer.address(), Integer.BYTES) == 0;
        } finally {
            Reference.reachabilityFence(buffer);
        }
    }

    /** The text of this thread's last error. */
    static String lastError() {
        return Posix.get().strerror(Posix.lastErrno());
    }
}

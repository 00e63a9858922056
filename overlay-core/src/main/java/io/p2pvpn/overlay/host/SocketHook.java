package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/**
 * Sees every underlay socket after it is made and before it is bound or connected: the place for a mark or a device, so
 * that a node that routes everything into its tunnel does not route the tunnel into itself.
 */
@FunctionalInterface
public interface SocketHook {
    /** Leaves sockets as they are. */
    SocketHook NONE = fd -> {};

    /** Prepares the socket {@code fd}; an exception keeps it from being used. */
    void beforeBind(int fd) throws HostException;

    /** Marks sockets for policy routing (SO_MARK, socket(7)); needs CAP_NET_ADMIN. */
    static SocketHook mark(int mark) {
        return fd -> {
            if (!SocketOptions.set(fd, LinuxConstants.SOL_SOCKET, LinuxConstants.SO_MARK, mark)) {
                throw new HostException("cannot mark a socket (" + SocketOptions.lastError()
                        + "): run as root or grant CAP_NET_ADMIN, or leave the mark out");
            }
        };
    }

    /** Keeps sockets on one device (SO_BINDTODEVICE, socket(7)). */
    static SocketHook device(String name) {
        NativeBuffer text = NativeBuffer.ofText(name);
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        return fd -> {
            int option = LinuxConstants.SO_BINDTODEVICE;
            try {
                if (Posix.get().setsockopt(fd, LinuxConstants.SOL_SOCKET, option, text.address(), length) != 0) {
                    throw new HostException("cannot bind a socket to device " + name + " (" + SocketOptions.lastError()
                            + "): check the name with 'ip link'");
                }
            } finally {
                Reference.reachabilityFence(text);
            }
        };
    }
}

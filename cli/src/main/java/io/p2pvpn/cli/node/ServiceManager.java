package io.p2pvpn.cli.node;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Tells systemd how the service fares (sd_notify(3)), where it has asked for that: units with {@code Type=notify}.
 * Elsewhere it does nothing. Thread-safe.
 */
final class ServiceManager {
    private static final String VARIABLE = "NOTIFY_SOCKET";
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int FAMILY_BYTES = 2;
    /** Length of sun_path in struct sockaddr_un. */
    private static final int PATH_BYTES_MAX = 108;

    private final byte[] path;

    private ServiceManager(byte[] path) {
        this.path = path;
    }

    /** The one of a process with these environment variables. */
    static ServiceManager of(Map<String, String> variables) {
        String where = variables.getOrDefault(VARIABLE, "");
        byte[] path = where.getBytes(StandardCharsets.UTF_8);
        boolean known = where.startsWith("/") || where.startsWith("@");
        if (!known || path.length >= PATH_BYTES_MAX) {
            return new ServiceManager(new byte[0]);
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        return new ServiceManager(path);
    }

    /** The node is where it was asked to be. */
    void ready() {
        send("READY=1");
    }

    /** The node reads its configuration again, until it is ready. */
    void reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1000);
    }

    /** The node is alive. */
    void alive() {
        send("WATCHDOG=1");
    }

    /** One line for {@code systemctl status}. */
    void status(String line) {
        send("STATUS=" + line.replace('\n', ' '));
    }

    /** The node is about to end. */
    void stopping() {
        send("STOPPING=1");
    }

    /** What cannot be told is not told: the node is there for its network, not for its manager. */
    private synchronized void send(String message) {
        if (path.length == 0) {
            return;
        }
        Posix posix = Posix.get();
        int fd = posix.socket(AF_UNIX, SOCK_DGRAM | LinuxConstants.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return;
        }
        try {
            NativeBuffer address = NativeBuffer.allocate(FAMILY_BYTES + PATH_BYTES_MAX);
            address.putShort(0, AF_UNIX);
            address.put(FAMILY_BYTES, path, 0, path.length);
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            NativeBuffer text = NativeBuffer.allocate(bytes.length);
            text.put(0, bytes, 0, bytes.length);
            if (posix.connect(fd, address.address(), FAMILY_BYTES + path.length) == 0) {
                var unused = posix.write(fd, text.address(), bytes.length);
            }
        } finally {
            posix.close(fd);
        }
    }
}

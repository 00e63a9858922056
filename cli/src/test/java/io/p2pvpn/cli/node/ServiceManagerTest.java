package io.p2pvpn.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceManagerTest {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int TEXT_BYTES = 200;

    @TempDir
    private Path directory;

    @Test
    void messages_reachTheSocketThatTheVariableNames() {
        String file = directory.resolve("n").toString();
        assertThat(told(file.getBytes(StandardCharsets.UTF_8), file))
                .isEqualTo("READY=1|STATUS=in two lines|STOPPING=1");
    }

    @Test
    void messages_reachAnAbstractSocket() {
        String name = "p2pvpn-test-" + ProcessHandle.current().pid();
        assertThat(told(("\0" + name).getBytes(StandardCharsets.UTF_8), "@" + name))
                .startsWith("READY=1|");
    }

    @Test
    void messages_nobodyAsked_goNowhere() {
        for (String where : new String[] {"", "relative", "/" + "x".repeat(200), "/nowhere/at/all"}) {
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", where));
            manager.ready();
            manager.stopping();
        }
        ServiceManager.of(Map.of()).status("unheard");
    }

    private static String told(byte[] path, String variable) {
        Posix posix = Posix.get();
        int fd = posix.socket(AF_UNIX, SOCK_DGRAM | LinuxConstants.SOCK_CLOEXEC, 0);
        try {
            NativeBuffer address = NativeBuffer.allocate(2 + path.length);
            address.putShort(0, AF_UNIX);
            address.put(2, path, 0, path.length);
            assertThat(posix.bind(fd, address.address(), 2 + path.length)).isZero();
            ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", variable));
            manager.ready();
            manager.status("in two\nlines");
            manager.stopping();
            return receive(fd) + "|" + receive(fd) + "|" + receive(fd);
        } finally {
            posix.close(fd);
        }
    }

    private static String receive(int fd) {
        NativeBuffer text = NativeBuffer.allocate(TEXT_BYTES);
        int length = (int) Posix.get().recv(fd, text.address(), TEXT_BYTES, LinuxConstants.MSG_DONTWAIT);
        byte[] bytes = new byte[Math.max(0, length)];
        text.get(0, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

package io.p2pvpn.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WatchdogTest {
    private static final String OURS = String.valueOf(ProcessHandle.current().pid());

    @TempDir
    private Path directory;

    @Test
    void period_isThatOfThisProcess() {
        assertThat(Watchdog.period(Map.of("WATCHDOG_USEC", "30000000"))).isEqualTo(Duration.ofSeconds(30));
        assertThat(Watchdog.period(Map.of("WATCHDOG_USEC", "1500", "WATCHDOG_PID", OURS)))
                .isEqualTo(Duration.ofNanos(1_500_000));
        assertThat(Watchdog.period(Map.of("WATCHDOG_USEC", "1500", "WATCHDOG_PID", "1")))
                .isNull();
        for (String none : new String[] {"", "0", "-1", "x", "99999999999999999999"}) {
            assertThat(Watchdog.period(Map.of("WATCHDOG_USEC", none))).isNull();
        }
        assertThat(Watchdog.period(Map.of())).isNull();
    }

    /** A node that answers twice and is stuck from then on gives two signs of life. */
    @Test
    void signs_endWhenTheNodeIsStuck() throws Exception {
        String file = directory.resolve("n").toString();
        byte[] path = file.getBytes(StandardCharsets.UTF_8);
        Posix posix = Posix.get();
        int fd = posix.socket(1, 2 | LinuxConstants.SOCK_CLOEXEC, 0);
        NativeBuffer address = NativeBuffer.allocate(2 + path.length);
        address.putShort(0, 1);
        address.put(2, path, 0, path.length);
        assertThat(posix.bind(fd, address.address(), 2 + path.length)).isZero();
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<Void> fifth = new CompletableFuture<>();
        Watchdog.start(Map.of("WATCHDOG_USEC", "30000"), ServiceManager.of(Map.of("NOTIFY_SOCKET", file)), () -> {
            int times = asked.incrementAndGet();
            if (times == 5) {
                fifth.complete(null);
            }
            return times <= 2 ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
        });
        fifth.join();
        assertThat(receive(fd)).isEqualTo("WATCHDOG=1");
        assertThat(receive(fd)).isEqualTo("WATCHDOG=1");
        assertThat(receive(fd)).isEmpty();
        posix.close(fd);
    }

    private static String receive(int fd) {
        NativeBuffer text = NativeBuffer.allocate(64);
        int length = (int) Posix.get().recv(fd, text.address(), 64, LinuxConstants.MSG_DONTWAIT);
        byte[] bytes = new byte[Math.max(0, length)];
        text.get(0, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Timers.Timer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HostRuntimeTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void timers_run_byDeadlineThenInOrder(boolean epoll) throws Exception {
        try (TestNode node = TestNode.onLoopback(directory, epoll)) {
            List<String> order = new ArrayList<>();
            CompletableFuture<Void> done = new CompletableFuture<>();
            node.onLoop(() -> {
                node.runtime.timers().schedule(20_000_000, () -> order.add("late"));
                node.runtime.timers().schedule(30_000_000, () -> done.complete(null));
                for (int i = 0; i < 5; i++) {
                    String name = "now" + i;
                    node.runtime.timers().schedule(0, () -> order.add(name));
                }
                Timer cancelled = node.runtime.timers().schedule(1_000_000, () -> order.add("cancelled"));
                cancelled.cancel();
                cancelled.cancel();
                return true;
            });
            TestNode.await(done);

            assertThat(order).containsExactly("now0", "now1", "now2", "now3", "now4", "late");
        }
    }

    @Test
    void timers_taskThatThrows_isReportedAndTheLoopLives() throws Exception {
        try (TestNode node = TestNode.onLoopback(directory, true)) {
            node.onLoop(() -> node.runtime.timers().schedule(0, () -> {
                throw new IllegalStateException("broken");
            }));

            assertThat(node.next(node.failures, "failure")).hasMessage("broken");
            assertThat(node.onLoop(() -> 5)).isEqualTo(5);
        }
    }

    @Test
    void blocking_resultAndException_arriveOnTheLoop() throws Exception {
        try (TestNode node = TestNode.onLoopback(directory, true)) {
            CompletableFuture<Boolean> onLoop = node.onLoop(() -> node.runtime
                    .blocking()
                    .call(() -> node.runtime.eventLoop().inEventLoop())
                    .thenApply(duringWork ->
                            !duringWork && node.runtime.eventLoop().inEventLoop()));
            CompletableFuture<Object> failed =
                    node.onLoop(() -> node.runtime.blocking().call(() -> {
                        throw new IOException("no such host");
                    }));

            assertThat(TestNode.await(onLoop)).isTrue();
            assertThatThrownBy(() -> TestNode.await(failed))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("no such host");
        }
    }

    @Test
    void store_writesBeforeClose_survive() throws Exception {
        try (TestNode node = TestNode.onLoopback(directory, true)) {
            node.onLoop(() -> {
                for (int i = 0; i < 50; i++) {
                    byte[] content = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                    var unused = node.runtime.store().write("counter", content);
                }
                return true;
            });
        }
        try (TestNode node = TestNode.onLoopback(directory, true)) {
            assertThat(node.runtime.store().read("counter"))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("49");
        }
    }

    @Test
    void random_sameSeed_sameNumbers() throws Exception {
        HostOptions options = HostOptions.of(directory, 0).withSeed(42);
        long first;
        try (HostRuntime runtime = HostRuntime.open(options)) {
            first = runtime.random().nextLong();
        }
        try (HostRuntime runtime = HostRuntime.open(options)) {
            assertThat(runtime.random().nextLong()).isEqualTo(first);
        }
        try (HostRuntime runtime = HostRuntime.open(HostOptions.of(directory, 0))) {
            assertThat(runtime.random().nextLong()).isNotEqualTo(first);
        }
    }

    @Test
    void execute_afterClose_isHarmless() throws Exception {
        HostRuntime runtime = HostRuntime.open(HostOptions.of(directory, 0));
        runtime.close();
        runtime.close();

        runtime.timers().execute(() -> {
            throw new IllegalStateException("must not run");
        });
        assertThat(runtime.eventLoop().isShuttingDown()).isTrue();
    }

    @Test
    void close_port_isFreeAgain() throws Exception {
        int port;
        try (TestNode node = TestNode.onLoopback(directory, true)) {
            port = node.port();
        }
        ListenAddress same = ListenAddress.parse("127.0.0.1:" + port);
        try (TestNode node = new TestNode(directory, true, same)) {
            assertThat(node.port()).isEqualTo(port);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4001, *:4001, true, TCP",
        "udp:4001, *:4001, true, ",
        "tcp::4001, *:4001, false, TCP",
        "*:0, *:0, true, TCP",
        "tls:443, *:443, false, TLS",
        "tls:0.0.0.0:443, 0.0.0.0:443, false, TLS",
        "[::]:7, *:7, true, TCP",
        "0.0.0.0:7, 0.0.0.0:7, true, TCP",
        "udp:192.0.2.7:65535, 192.0.2.7:65535, true, ",
        "[2001:db8::1]:4001, [2001:db8:0:0:0:0:0:1]:4001, true, TCP",
    })
    void parse_listenAddress_isRead(String text, String shown, boolean udp, Kind stream) throws Exception {
        ListenAddress address = ListenAddress.parse(text);

        assertThat(address).hasToString(shown);
        assertThat(address.udp()).isEqualTo(udp);
        assertThat(address.stream()).isEqualTo(stream);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "65536",
                "-1",
                "host:1",
                "2001:db8::1:4001",
                "tls:",
                "tls:x:443",
                "[192.0.2.7]:1",
                "1.2.3:4",
                "[::1:4"
            })
    void parse_malformedListenAddress_isRefused(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("expected");
    }
}

package io.p2pvpn.vpn.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class ControlServerTest {
    private static final Duration REQUEST_TIME_MAX = Duration.ofMillis(300);

    @TempDir
    private Path directory;

    private final FakeBackend backend = new FakeBackend();
    private EventLoopGroup group;
    private Path socket;
    private ControlServer server;
    private ControlClient client;

    @BeforeEach
    void start() {
        socket = directory.resolve("run").resolve("p2pvpn.sock");
        client = new ControlClient(socket);
        server = start(NioIoHandler.newFactory());
    }

    @AfterEach
    void stop() {
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private ControlServer start(IoHandlerFactory io) {
        group = new MultiThreadIoEventLoopGroup(1, io);
        return ControlServer.start(group.next(), socket, backend, new Counters(), REQUEST_TIME_MAX)
                .join();
    }

    @Test
    void reports_roundTrip_areEqual() throws Exception {
        assertThat(client.status()).isEqualTo(backend.status());
        assertThat(client.peers()).isEqualTo(backend.peers());
        assertThat(client.netcheck()).isEqualTo(backend.netcheck());
        assertThat(client.ping("10.128.0.2", 5, Duration.ofSeconds(2)))
                .isEqualTo(new PingReply(5, 1.25, "relay", List.of(FakeBackend.ID), "relay: tried"));
        assertThat(backend.calls).containsExactly("ping 10.128.0.2 5 2000");
    }

    @Test
    void crawl_roundTrip_isEqual() throws Exception {
        CrawlRequest request = new CrawlRequest("lab", false, "sequential", "lists", "wait", false, false, 5000, true);
        assertThat(client.crawl(request)).isEqualTo(backend.crawl(request).join());
        assertThat(backend.calls).contains("crawl " + request);
        assertThatThrownBy(() ->
                        client.crawl(new CrawlRequest(null, true, null, null, null, false, false, 600_001, false)))
                .hasMessageContaining("timeoutMillis");
    }

    @Test
    void routeAndDht_roundTrip_areEqual() throws Exception {
        RouteReport route = client.route("node2", Duration.ofSeconds(3));
        assertThat(route)
                .isEqualTo(backend.route("node2", Duration.ofSeconds(3)).join());
        DhtRequest claim = new DhtRequest(DhtRequest.Operation.CLAIM, "lab", "k", "v", 60);
        assertThat(client.dht(claim)).isEqualTo(backend.dht(claim).join());
        DhtRequest held = new DhtRequest(DhtRequest.Operation.GET, null, "held", null, 0);
        ControlException failure = catchThrowableOfType(ControlException.class, () -> client.dht(held));
        assertThat(failure).hasMessage("another member holds held");
        assertThat(backend.calls).contains("route node2 3000", "dht " + claim, "dht " + held);
    }

    @Test
    void actions_roundTrip_reachTheBackend() throws Exception {
        JoinRequest request = JoinRequest.of("lab", List.of("192.0.2.1:4001"));
        client.join(request);
        client.leave("lab");
        client.leave(null);
        client.down();
        assertThat(backend.calls).containsExactly("join " + request, "leave lab", "leave null", "down");
    }

    @Test
    void epollLoop_roundTrip_works() throws Exception {
        Assumptions.assumeTrue(Epoll.isAvailable(), "needs the native epoll transport");
        stop();
        server = start(EpollIoHandler.newFactory());
        assertThat(client.status()).isEqualTo(backend.status());
    }

    @Test
    void metrics_counters_arePrometheusText() throws Exception {
        assertThat(client.metrics())
                .contains("p2pvpn_session_drop_replay_total 3.0\n")
                .contains("p2pvpn_tun_drop_too_big_total 0.0\n");
    }

    @Test
    void failures_ofTheBackend_keepKindAndOneLine() {
        assertFailure(Kind.NOT_FOUND, "no member is called nobody", "nobody");
        assertFailure(Kind.TIMED_OUT, "no reply", "silent");
        ControlException failure = catchThrowableOfType(ControlException.class, () -> client.leave("other"));
        assertThat(failure).hasMessage("not in namespace other:; see p2pvpn status");
    }

    private void assertFailure(Kind kind, String message, String target) {
        ControlException failure =
                catchThrowableOfType(ControlException.class, () -> client.ping(target, 1, Duration.ofSeconds(1)));
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessage(message);
    }

    @Test
    void brokenBackend_answer_hidesStackAndMessage() throws Exception {
        String answer = raw(post("/v1/ping", "{\"target\":\"broken\",\"seq\":1,\"timeoutMillis\":5}"));
        assertThat(answer)
                .startsWith("HTTP/1.1 500 ")
                .contains("IllegalStateException")
                .doesNotContain("secret");
    }

    @Test
    void wrongRequests_answer_isOneErrorDocument() throws Exception {
        assertError(404, get("/"));
        assertError(404, get("/v1/status/x"));
        assertError(405, post("/v1/status", ""));
        assertError(405, get("/v1/down"));
        assertError(400, post("/v1/ping", "not json"));
        assertError(400, post("/v1/ping", "{}"));
        assertError(400, post("/v1/ping", "{\"target\":\"\",\"seq\":1,\"timeoutMillis\":5}"));
        assertError(400, post("/v1/ping", "{\"target\":\"a\",\"seq\":1,\"timeoutMillis\":0}"));
        assertError(400, post("/v1/route", "{\"target\":\"\",\"timeoutMillis\":5}"));
        assertError(400, post("/v1/route", "{\"target\":\"a\",\"timeoutMillis\":0}"));
        assertError(400, post("/v1/dht", "{\"operation\":\"BURN\",\"key\":\"a\"}"));
        assertError(400, post("/v1/dht", "{\"key\":\"a\"}"));
        assertError(400, post("/v1/dht", "{\"operation\":\"GET\"}"));
        assertError(400, post("/v1/dht", "{\"operation\":\"PUT\",\"key\":\"a\"}"));
        assertError(400, post("/v1/dht", "{\"operation\":\"GET\",\"key\":\"a\",\"namespace\":\"a b\"}"));
        assertError(400, post("/v1/join", "{\"namespace\":\"a b\",\"bootstraps\":[]}"));
        assertError(400, post("/v1/join", "{\"namespace\":\"ab\"}"));
        assertError(400, post("/v1/join", "{\"namespace\":\"ab\",\"bootstraps\":[\"x\"]}"));
        assertError(400, "nonsense\r\n\r\n");
        assertError(414, get("/" + "a".repeat(5000)));
        assertError(431, "GET / HTTP/1.1\r\nx: " + "a".repeat(20_000) + "\r\n\r\n");
        assertError(413, post("/v1/ping", "a".repeat(100_000)));
        assertThat(backend.calls).isEmpty();
    }

    private void assertError(int status, String request) throws IOException {
        String answer = raw(request);
        assertThat(answer)
                .as(request.substring(0, Math.min(60, request.length())))
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\r\n\r\n{\"schema\":1,\"error\":\"")
                .doesNotContain("\tat ");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).doesNotContain("\n");
    }

    @Test
    void slowClient_requestNotFinished_isDisconnected() throws Exception {
        assertThat(raw("GET /v1/status HTTP/1.1\r\n")).isEmpty();
        assertThat(raw("")).isEmpty();
    }

    @Test
    void socketFile_mode_letsOnlyTheOwnerIn() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isIn("rw-------", "rw-rw----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
                .isIn("rwx------", "rwxr-xr-x");
        try (var files = Files.list(socket.getParent())) {
            assertThat(files).containsExactly(socket);
        }
    }

    @Test
    void start_liveDaemonThere_isRefused() throws Exception {
        assertThatThrownBy(() -> ControlServer.start(group.next(), socket, backend, new Counters())
                        .join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("a daemon already runs on " + socket);
        assertThat(client.status()).isEqualTo(backend.status());
    }

    @Test
    void start_deadSocketThere_isReplaced() throws Exception {
        server.close();
        group.submit(() -> {}).syncUninterruptibly();
        assertThat(socket).doesNotExist();
        ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();
        assertThat(socket).exists();
        server = ControlServer.start(group.next(), socket, backend, new Counters())
                .join();
        assertThat(client.status()).isEqualTo(backend.status());
    }

    @Test
    void start_otherFileThere_isRefusedAndKept() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertThatThrownBy(() -> ControlServer.start(group.next(), file, backend, new Counters())
                        .join())
                .hasMessageContaining("is not a socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void start_pathTooLong_isWrongUsage() {
        Path file = directory.resolve("a".repeat(120));
        assertThatThrownBy(() -> ControlServer.start(group.next(), file, backend, new Counters())
                        .join())
                .hasMessageContaining("longer than 107 bytes");
    }

    @Test
    void client_nobodyThere_isNoDaemon() {
        ControlClient nobody = new ControlClient(directory.resolve("nobody"));
        assertThat(nobody.isAlive()).isFalse();
        ControlException failure = catchThrowableOfType(ControlException.class, nobody::status);
        assertThat(failure.kind()).isEqualTo(Kind.NO_DAEMON);
    }

    @Test
    void client_daemonHangs_timesOut() throws Exception {
        Path hanging = directory.resolve("hanging");
        try (ServerSocketChannel listener = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(hanging));
            assertThatThrownBy(() -> HttpExchange.run(hanging, "GET", "/", new byte[0], Duration.ofMillis(50)))
                    .isInstanceOf(HttpExchange.DeadlineException.class);
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Everything the server sends until it hangs up. */
    private String raw(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            StringBuilder answer = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(65_536);
            try {
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
                while (channel.read(buffer.clear()) >= 0) {
                    answer.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                }
            } catch (IOException reset) {
                answer.append("");
            }
            return answer.toString();
        }
    }
}

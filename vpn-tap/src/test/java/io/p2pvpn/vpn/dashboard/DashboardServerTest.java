package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.control.FakeBackend;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server before web pages, other users of the host, and clients that behave badly. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class DashboardServerTest {
    private static final String NOBODY = "65534";
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    private final Counters counters = new Counters();
    private final FakeBackend backend = new FakeBackend();
    private ExecutorService loop;
    private DashboardServer server;
    private String token;

    @BeforeEach
    void start() throws IOException {
        loop = Executors.newSingleThreadExecutor();
        Timers timers = new LoopOf(loop);
        server = DashboardServer.start(0, new NodeCalls(timers, backend), new Tally(timers, counters));
        token = server.link().replaceAll(".*#", "");
    }

    @AfterEach
    void stop() {
        server.close();
        loop.shutdownNow();
    }

    /** Only what the server uses of a loop. */
    private record LoopOf(ExecutorService thread) implements Timers {
        @Override
        public Timer schedule(long delayNanos, Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void execute(Runnable task) {
            thread.execute(task);
        }
    }

    // ----------------------------------------------------------------- what is right

    @Test
    void link_always_isOfLoopbackAndNew() {
        assertThat(server.link()).matches("http://127\\.0\\.0\\.1:[0-9]+/#[A-Za-z0-9_-]{43}");
        assertThat(server.link()).isNotEqualTo(server.link());
    }

    @Test
    void page_withoutSecret_isGivenWithoutAnythingOfTheNode() throws Exception {
        String answer = send("GET / HTTP/1.1", host(), "Sec-Fetch-Site: none");
        assertThat(answer).startsWith("HTTP/1.1 200").contains("<title>p2pvpn</title>");
        assertThat(answer).doesNotContain(FakeBackend.ID, "node2", token);
        assertThat(answer.lines().map(line -> line.replaceAll("(?i)^([a-z-]+):.*", "$1")))
                .contains("Content-security-policy", "Referrer-policy", "X-content-type-options", "Cache-control");
        assertThat(answer)
                .contains("default-src 'none'; script-src 'self'", "frame-ancestors 'none'", "no-referrer", "nosniff")
                .doesNotContain("unsafe-inline", "Access-control-allow", "Set-cookie");
    }

    @Test
    void documents_withSecret_areThoseOfTheNode() throws Exception {
        for (String path : List.of("/v1/status", "/v1/peers", "/v1/places", "/v1/requests", "/v1/members")) {
            assertThat(send("GET " + path + " HTTP/1.1", host(), secret()))
                    .startsWith("HTTP/1.1 200")
                    .contains("{\"schema\":1", FakeBackend.ID);
        }
        assertThat(send("GET /v1/paths?peer=" + FakeBackend.ID + "&namespace=lab HTTP/1.1", host(), secret()))
                .contains("{\"schema\":1,\"changes\":");
    }

    @Test
    void page_throughAForwardedPort_works() throws Exception {
        assertThat(send("GET /v1/status HTTP/1.1", "Host: localhost:9999", "Origin: http://localhost:9999", secret()))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void events_withSecret_comeEverySecond() throws Exception {
        try (Socket socket = connect()) {
            write(socket, "GET /v1/events HTTP/1.1", host(), secret());
            String text = "";
            while (text.split("data: \\{", -1).length < 3) {
                byte[] some = new byte[65_536];
                text += new String(some, 0, socket.getInputStream().read(some), StandardCharsets.UTF_8);
            }
            assertThat(text).contains("text/event-stream", "\"status\":{", "\"places\":{", "\"epochMillis\":");
        }
    }

    @Test
    void decision_withSecret_isMade() throws Exception {
        String body = "{\"operation\":\"REVOKE\",\"namespace\":\"lab\",\"target\":\"node2\"}";
        assertThat(post("/v1/decide", body, secret()))
                .startsWith("HTTP/1.1 200")
                .contains("\"name\":\"node2\"");
        assertThat(backend.calls()).anyMatch(call -> call.startsWith("decide") && call.contains("REVOKE"));
        assertThat(post("/v1/decide", body.replace("node2", "nobody"), secret()))
                .startsWith("HTTP/1.1 404")
                .contains("nobody called nobody waits");
    }

    @Test
    void close_openViews_areHungUpOn() throws Exception {
        try (Socket socket = connect()) {
            write(socket, "GET /v1/events HTTP/1.1", host(), secret());
            assertThat(socket.getInputStream().read()).isPositive();
            server.close();
            assertThat(rest(socket)).isNotNull();
        }
        assertThat(server.isClosed()).isTrue();
    }

    @Test
    void nobodyLooks_forLong_closesItself() throws Exception {
        Timers timers = new LoopOf(loop);
        DashboardServer brief = DashboardServer.start(
                0,
                new NodeCalls(timers, backend),
                new Tally(timers, counters),
                new History(),
                TimeUnit.MILLISECONDS.toNanos(1500));
        String secret = brief.link().replaceAll(".*#", "");
        try (Socket view = new Socket(InetAddress.getLoopbackAddress(), brief.port())) {
            write(view, "GET /v1/events HTTP/1.1", "Host: 127.0.0.1", "X-P2pvpn-Token: " + secret);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
            while (System.nanoTime() - end < 0) {
                assertThat(view.getInputStream().read(new byte[65_536])).isPositive();
            }
            assertThat(brief.isClosed()).as("while a view is open").isFalse();
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!brief.isClosed() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(50_000_000);
        }
        assertThat(brief.isClosed()).isTrue();
    }

    // ---------------------------------------------------------------- web pages

    @Test
    void hostOfAnotherName_isRefusedAndCounted() throws Exception {
        for (String host : List.of(
                "Host: attacker.example",
                "Host: attacker.example:" + server.port(),
                "Host: 127.0.0.1.attacker.example:" + server.port(),
                "Host: 127.0.0.1:" + server.port() + "\r\nHost: attacker.example",
                "Host: 0.0.0.0:" + server.port(),
                "X-Nothing: at all")) {
            assertThat(send("GET /v1/status HTTP/1.1", host, secret())).startsWith("HTTP/1.1 421");
            assertThat(send("GET / HTTP/1.1", host)).startsWith("HTTP/1.1 421").doesNotContain("<title>");
        }
        assertCounted("dashboard.drop.host", 12);
    }

    @Test
    void originOfAnotherPage_isRefusedAndCounted() throws Exception {
        for (String origin : List.of(
                "Origin: http://attacker.example",
                "Origin: null",
                "Origin: https://127.0.0.1:" + server.port(),
                "Origin: http://127.0.0.1:1",
                "Origin: http://localhost:" + server.port(),
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site")) {
            assertThat(send("GET /v1/status HTTP/1.1", host(), origin, secret()))
                    .as(origin)
                    .startsWith("HTTP/1.1 403");
            assertThat(post("/v1/decide", "{}", origin, secret())).startsWith("HTTP/1.1 403");
        }
        assertCounted("dashboard.drop.origin", 14);
        assertThat(backend.calls()).isEmpty();
    }

    @Test
    void preflightOfAnotherPage_isRefused() throws Exception {
        assertThat(send(
                        "OPTIONS /v1/decide HTTP/1.1",
                        host(),
                        "Origin: http://attacker.example",
                        "Access-Control-Request-Headers: x-p2pvpn-token"))
                .startsWith("HTTP/1.1 403")
                .doesNotContainIgnoringCase("access-control-allow");
    }

    // ------------------------------------------------------------------ the secret

    @Test
    void missingOrWrongSecret_isRefusedAndCounted() throws Exception {
        String last = token.substring(0, 42) + (token.endsWith("A") ? "B" : "A");
        for (String wrong : List.of(
                "X-Nothing: x",
                "X-P2pvpn-Token: ",
                "X-P2pvpn-Token: " + last,
                "X-P2pvpn-Token: " + token + "A",
                "X-P2pvpn-Token: " + token + "\r\nX-P2pvpn-Token: " + token,
                "Cookie: X-P2pvpn-Token=" + token,
                "Authorization: Bearer " + token)) {
            for (String path : List.of("/v1/status", "/v1/events", "/v1/history", "/v1/status?token=" + token)) {
                assertThat(send("GET " + path + " HTTP/1.1", host(), wrong))
                        .as(wrong)
                        .startsWith("HTTP/1.1 401")
                        .doesNotContain(FakeBackend.ID);
            }
        }
        assertCounted("dashboard.drop.token", 28);
    }

    @Test
    void stateChange_otherThanAPostWithTheSecret_isRefused() throws Exception {
        assertThat(send("GET /v1/decide?operation=REVOKE HTTP/1.1", host(), secret()))
                .startsWith("HTTP/1.1 405");
        assertThat(post("/v1/decide", "{}")).startsWith("HTTP/1.1 401");
        assertThat(post("/v1/decide", "operation=REVOKE&target=node2", secret()))
                .startsWith("HTTP/1.1 400");
        assertThat(post("/v1/decide", "{\"operation\":\"REVOKE\",\"target\":\"node2\"}", secret()))
                .startsWith("HTTP/1.1 400");
        assertCounted("dashboard.drop.method", 1);
        assertCounted("dashboard.drop.body", 2);
        assertThat(backend.calls()).isEmpty();
    }

    @Test
    void tokens_moreThanAreKept_oldestIsForgotten() {
        AccessTokens tokens = new AccessTokens();
        String first = tokens.make();
        for (int i = 1; i < AccessTokens.TOKENS_MAX; i++) {
            tokens.make();
        }
        assertThat(tokens.isKnown(first)).isTrue();
        String newest = tokens.make();
        assertThat(tokens.isKnown(first)).isFalse();
        assertThat(tokens.isKnown(newest)).isTrue();
        assertThat(tokens.isKnown("")).isFalse();
    }

    @Test
    @Tag("netns")
    void anotherUserOfTheHost_getsNothing() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: becomes another user");
        Assumptions.assumeTrue(Files.isExecutable(SETPRIV), "needs setpriv");
        String url = "http://127.0.0.1:" + server.port() + "/v1/status";
        assertThat(asNobody("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url))
                .isEqualTo("401");
        assertThat(asNobody("curl", "-s", "-w", "%{http_code}", "-H", "X-P2pvpn-Token: " + "A".repeat(43), url))
                .endsWith("401");
        String seen = asNobody("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '");
        assertThat(seen).contains("java").doesNotContain(token);
        assertCounted("dashboard.drop.token", 2);
    }

    // ------------------------------------------------------------ clients that are odd

    @Test
    void unknownPaths_areNotFoundAndCounted() throws Exception {
        for (String path : List.of(
                "/../../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/..%2f..%2fetc/passwd",
                "/index.html",
                "/main.js/",
                "/io/p2pvpn/vpn/control/version.txt",
                "/v1/down",
                "/metrics",
                "/v1/status/")) {
            assertThat(send("GET " + path + " HTTP/1.1", host(), secret()))
                    .as(path)
                    .startsWith("HTTP/1.1 404")
                    .doesNotContain("root:");
        }
        assertCounted("dashboard.drop.path", 9);
        assertThat(send("GET //main.js HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 404");
        assertThat(send("PUT / HTTP/1.1", host())).startsWith("HTTP/1.1 405");
    }

    @Test
    void parameters_thatCannotBe_areRefused() throws Exception {
        for (String query : List.of("", "?peer=xyz", "?peer=%00", "?peer=" + FakeBackend.ID + "&namespace=a%2Fb")) {
            assertThat(send("GET /v1/paths" + query + " HTTP/1.1", host(), secret()))
                    .as(query)
                    .startsWith("HTTP/1.1 400");
        }
        assertThat(send("GET /v1/paths?peer=%zz HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 400");
    }

    @Test
    void hugeHead_isHungUpOnAndCounted() throws Exception {
        String answer = send("GET / HTTP/1.1", host(), "X-Long: " + "x".repeat(ServerLimits.HEADER_BYTES_MAX));
        assertThat(answer).doesNotContain("<title>");
        assertCounted("dashboard.drop.unreadable", 1);
        StringBuilder many = new StringBuilder("X-0: 0");
        for (int i = 1; i < 200; i++) {
            many.append("\r\nX-").append(i).append(": ").append(i);
        }
        assertThat(send("GET / HTTP/1.1", host(), many.toString())).doesNotContain("<title>");
        assertCounted("dashboard.drop.unreadable", 2);
    }

    @Test
    void noHttp_isHungUpOnAndCounted() throws Exception {
        assertThat(send("\u0016\u0003\u0001 nonsense")).doesNotContain("<title>");
        assertCounted("dashboard.drop.unreadable", 1);
    }

    @Test
    void hugeBody_isRefusedAndCounted() throws Exception {
        assertThat(post("/v1/decide", "x".repeat(PageHandler.BODY_BYTES_MAX + 1), secret()))
                .startsWith("HTTP/1.1 413");
        assertCounted("dashboard.drop.body", 1);
    }

    @Test
    void slowClients_areHungUpOnAndDoNotKeepOthersOut() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < WorkerPool.THREADS_MAX / 2; i++) {
                Socket socket = connect();
                socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            assertThat(send("GET /v1/status HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 200");
            for (Socket socket : slow) {
                assertThat(rest(socket)).doesNotContain("<title>");
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        assertCounted("dashboard.drop.unreadable", WorkerPool.THREADS_MAX / 2);
    }

    @Test
    void tooManyConnections_areCountedAndOthersGetInAgain() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < ServerLimits.CONNECTIONS_MAX + 30; i++) {
                Socket socket = connect();
                socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
                crowd.add(socket);
            }
            awaitCount("dashboard.drop.connections");
            for (Socket socket : crowd) {
                assertThat(rest(socket)).doesNotContain("<title>");
            }
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
        assertThat(send("GET /v1/status HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 200");
    }

    @Test
    void tooManyViews_areRefusedAndCounted() throws Exception {
        List<Socket> views = new ArrayList<>();
        try {
            for (int i = 0; i < Feed.STREAMS_MAX; i++) {
                Socket socket = connect();
                write(socket, "GET /v1/events HTTP/1.1", host(), secret());
                assertThat(socket.getInputStream().read()).isPositive();
                views.add(socket);
            }
            assertThat(send("GET /v1/events HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 503");
            assertCounted("dashboard.drop.streams", 1);
            assertThat(send("GET /v1/status HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 200");
        } finally {
            for (Socket socket : views) {
                socket.close();
            }
        }
    }

    @Test
    void viewThatTakesNothing_isCutAndCounted() throws Exception {
        backend.say("x".repeat(16 * 1024 * 1024));
        try (Socket socket = connect()) {
            write(socket, "GET /v1/events HTTP/1.1", host(), secret());
            awaitCount("dashboard.drop.slow");
            assertThat(send("GET /v1/history HTTP/1.1", host(), secret())).startsWith("HTTP/1.1 200");
            assertThat(rest(socket)).isNotNull();
        }
        assertCounted("dashboard.drop.slow", 1);
    }

    // ---------------------------------------------------------------------- helpers

    private String host() {
        return "Host: 127.0.0.1:" + server.port();
    }

    private String secret() {
        return "X-P2pvpn-Token: " + token;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 10_000);
        return socket;
    }

    private static void write(Socket socket, String... lines) throws IOException {
        socket.getOutputStream().write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private String send(String... lines) throws IOException {
        try (Socket socket = connect()) {
            write(socket, lines);
            return rest(socket);
        }
    }

    private String post(String path, String body, String... headers) throws IOException {
        List<String> lines = new ArrayList<>(List.of("POST " + path + " HTTP/1.1", host()));
        lines.addAll(List.of(headers));
        lines.add("Content-Length: " + body.length());
        try (Socket socket = connect()) {
            write(socket, lines.toArray(new String[0]));
            socket.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
            return rest(socket);
        }
    }

    /** What comes until the other side hangs up. */
    private static String rest(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] some = new byte[65_536];
        try {
            InputStream in = socket.getInputStream();
            for (int length = in.read(some); length >= 0; length = in.read(some)) {
                text.append(new String(some, 0, length, StandardCharsets.UTF_8));
            }
        } catch (SocketTimeoutException still) {
            throw still;
        } catch (IOException reset) {
            text.append("reset");
        }
        return text.toString();
    }

    private Map<String, Long> counts() {
        try {
            return loop.submit(counters::snapshot).get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void assertCounted(String name, long count) {
        awaitCount(name, count);
        assertThat(counts()).containsEntry(name, count);
    }

    private void awaitCount(String name) {
        awaitCount(name, 1);
        assertThat(counts()).containsKey(name);
    }

    /** It is counted after the connection has ended. */
    private void awaitCount(String name, long count) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (counts().getOrDefault(name, 0L) < count && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static String asNobody(String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                SETPRIV.toString(), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--inh-caps=-all"));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}

package io.p2pvpn.vpn.dashboard;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A headless Chromium with one page, driven over the Chrome DevTools protocol. For one thread. */
final class Chromium implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String LISTENING = "DevTools listening on ";
    private static final long ANSWER_SECONDS_MAX = 30;
    private static final List<String> PROGRAMS =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    private final Process process;
    private final Path profile;
    private final Connection connection;
    private final String session;

    private Chromium(Process process, Path profile, Connection connection) throws Exception {
        this.process = process;
        this.profile = profile;
        this.connection = connection;
        String target = connection
                .call(null, "Target.createTarget", JSON.createObjectNode().put("url", "about:blank"))
                .get("targetId")
                .asString();
        this.session = connection
                .call(
                        null,
                        "Target.attachToTarget",
                        JSON.createObjectNode().put("targetId", target).put("flatten", true))
                .get("sessionId")
                .asString();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", JSON.createObjectNode());
        }
    }

    /** The program, or null where there is none. */
    public static String program() {
        return PROGRAMS.stream()
                .filter(each -> Files.isExecutable(Path.of(each)))
                .findFirst()
                .orElse(null);
    }

    /** Starts one that knows nothing of any other. */
    public static Chromium start() throws Exception {
        Path profile = Files.createTempDirectory("p2pvpn-chromium");
        // As root it refuses to run in its sandbox; it sees our own pages only.
        Process process = new ProcessBuilder(
                        program(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(process, lines), "chromium-output");
        reader.setDaemon(true);
        reader.start();
        String line = "";
        while (!line.startsWith(LISTENING)) {
            line = lines.poll(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            if (line == null) {
                process.destroyForcibly();
                throw new IOException("chromium did not start");
            }
        }
        return new Chromium(process, profile, Connection.open(URI.create(line.substring(LISTENING.length()))));
    }

    private static void read(Process process, BlockingQueue<String> lines) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException ended) {
            lines.add("ended");
        }
    }

    /** The wire. */
    private static final class Connection implements WebSocket.Listener {
        private final AtomicInteger number = new AtomicInteger();
        private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
        private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
        private final StringBuilder message = new StringBuilder();
        private WebSocket socket;

        static Connection open(URI uri) throws Exception {
            Connection connection = new Connection();
            connection.socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(uri, connection)
                    .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            return connection;
        }

        JsonNode call(String session, String method, ObjectNode parameters) throws Exception {
            int id = number.incrementAndGet();
            ObjectNode request = JSON.createObjectNode().put("id", id).put("method", method);
            request.set("params", parameters);
            if (session != null) {
                request.put("sessionId", session);
            }
            CompletableFuture<JsonNode> answer = new CompletableFuture<>();
            answers.put(id, answer);
            socket.sendText(request.toString(), true).get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
            return answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                onMessage(JSON.readTree(message.toString()));
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        private void onMessage(JsonNode read) {
            if (read.has("id")) {
                CompletableFuture<JsonNode> answer =
                        answers.remove(read.get("id").asInt());
                if (read.has("error")) {
                    answer.completeExceptionally(
                            new IOException(read.get("error").toString()));
                } else {
                    answer.complete(read.get("result"));
                }
            } else if (read.path("method").asString().equals("Runtime.exceptionThrown")
                    || (read.path("method").asString().equals("Log.entryAdded") && !isAdvice(read))) {
                complaints.add(read.get("params").toString());
            }
        }
    }

    /** The checker for colours reads pictures back, which the browser advises against. */
    private static boolean isAdvice(JsonNode logged) {
        return logged.at("/params/entry/source").asString().equals("rendering");
    }

    /** Sends one command of the protocol to the page. */
    public JsonNode call(String method, ObjectNode parameters) throws Exception {
        return connection.call(session, method, parameters);
    }

    /** An empty set of parameters. */
    public static ObjectNode parameters() {
        return JSON.createObjectNode();
    }

    /** What pages complained of: scripts that failed, files and policies that were refused. */
    public List<String> complaints() {
        return List.copyOf(connection.complaints);
    }

    /** Goes to an address and waits for the page to be there. */
    public void open(String url) throws Exception {
        call("Page.navigate", parameters().put("url", url));
        await("document.readyState === 'complete'");
    }

    /** The value of an expression in the page; a promise is waited for. */
    public JsonNode evaluate(String expression) throws Exception {
        JsonNode answer = call(
                "Runtime.evaluate",
                parameters()
                        .put("expression", expression)
                        .put("returnByValue", true)
                        .put("awaitPromise", true)
                        .put("userGesture", true));
        if (answer.has("exceptionDetails")) {
            throw new IOException(answer.get("exceptionDetails").toString());
        }
        return answer.get("result").path("value");
    }

    /** Waits until an expression is true. */
    public void await(String expression) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(ANSWER_SECONDS_MAX).toNanos();
        while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("still not true: " + expression);
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** Light or dark, and a window of that size. */
    public void show(String scheme, int width, int height) throws Exception {
        ObjectNode media = parameters();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        call("Emulation.setEmulatedMedia", media);
        call(
                "Emulation.setDeviceMetricsOverride",
                parameters()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", width < 600));
    }

    /** Presses a key that writes nothing, for example {@code Tab}. */
    public void press(String key, int code) throws Exception {
        for (String type : List.of("keyDown", "keyUp")) {
            ObjectNode event = parameters()
                    .put("type", type)
                    .put("key", key)
                    .put("code", key)
                    .put("windowsVirtualKeyCode", code);
            if (key.equals("Enter") && type.equals("keyDown")) {
                event.put("text", "\r");
            }
            call("Input.dispatchKeyEvent", event);
        }
    }

    /** Writes what is seen, or the whole page, as PNG. */
    public void screenshot(Path file, boolean whole) throws Exception {
        ObjectNode asked = parameters().put("format", "png").put("captureBeyondViewport", whole);
        if (whole) {
            JsonNode size = call("Page.getLayoutMetrics", parameters()).get("cssContentSize");
            asked.putObject("clip")
                    .put("x", 0)
                    .put("y", 0)
                    .put("width", size.get("width").asDouble())
                    .put("height", size.get("height").asDouble())
                    .put("scale", 1);
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(
                file,
                Base64.getDecoder()
                        .decode(call("Page.captureScreenshot", asked)
                                .get("data")
                                .asString()));
    }

    @Override
    public void close() throws IOException {
        connection.socket.abort();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).forEach(Chromium::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stillUsed) {
            // Some helper of the browser has not ended yet; what it leaves is in the directory for temporary files.
            file.toFile().deleteOnExit();
        }
    }
}

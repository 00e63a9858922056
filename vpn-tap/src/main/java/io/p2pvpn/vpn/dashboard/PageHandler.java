package io.p2pvpn.vpn.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.dashboard.PageFiles.PageFile;
import io.p2pvpn.vpn.dashboard.RequestGuard.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one request: refuses, gives a file of the page, a document, or a live view. Thread-safe. */
final class PageHandler implements HttpHandler {
    static final String EVENTS = "/v1/events";
    /** Of a request. */
    static final int BODY_BYTES_MAX = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(PageHandler.class);
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int TOO_LARGE = 413;
    private static final int UNAVAILABLE = 503;
    private static final int BROKEN = 500;

    /** Nothing but what this server gives out, and no script but from its files. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private final RequestGuard guard;
    private final PageFiles files;
    private final PageApi api;
    private final Feed feed;
    private final Tally tally;
    private final Runnable onUse;

    /**
     * Over those parts.
     *
     * @param onUse called when somebody was let in
     */
    PageHandler(RequestGuard guard, PageFiles files, PageApi api, Feed feed, Tally tally, Runnable onUse) {
        this.guard = guard;
        this.files = files;
        this.api = api;
        this.feed = feed;
        this.tally = tally;
        this.onUse = onUse;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        WorkerPool.onRequest();
        try {
            protect(exchange.getResponseHeaders());
            String path = exchange.getRequestURI().getRawPath();
            Refusal refusal = refusal(exchange, path);
            if (refusal != null) {
                refuse(exchange, refusal);
                return;
            }
            PageFile file = files.at(path);
            if (file != null) {
                send(exchange, OK, file.type(), file.text());
            } else if (path.equals(EVENTS)) {
                onUse.run();
                stream(exchange);
            } else {
                onUse.run();
                document(exchange, path);
            }
        } finally {
            exchange.close();
        }
    }

    private static void protect(Headers headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
        headers.set("Connection", "close");
    }

    private @Nullable Refusal refusal(HttpExchange exchange, @Nullable String path) {
        Refusal foreign = guard.origin(exchange.getRequestHeaders());
        if (foreign != null) {
            return foreign;
        }
        boolean file = path != null && files.at(path) != null;
        String method = path == null ? null : file || path.equals(EVENTS) ? "GET" : PageApi.methodOf(path);
        if (method == null) {
            return new Refusal(Drop.PATH, NOT_FOUND, "no such thing here");
        }
        if (!method.equals(exchange.getRequestMethod())) {
            return new Refusal(Drop.METHOD, NOT_ALLOWED, "use " + method + " for this path");
        }
        return file ? null : guard.secret(exchange.getRequestHeaders());
    }

    private void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
        tally.add(refusal.reason());
        sendError(exchange, refusal.status(), refusal.text());
    }

    private void stream(HttpExchange exchange) throws IOException {
        EventStream stream = new EventStream(feed);
        if (!feed.open(stream)) {
            refuse(exchange, new Refusal(Drop.STREAMS, UNAVAILABLE, "too many pages are open: close one"));
            return;
        }
        try {
            stream.run(exchange);
        } finally {
            feed.close(stream);
        }
    }

    private void document(HttpExchange exchange, String path) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
        if (body.length > BODY_BYTES_MAX) {
            refuse(exchange, new Refusal(Drop.BODY, TOO_LARGE, "the body is longer than " + BODY_BYTES_MAX + " bytes"));
            return;
        }
        try {
            String answer =
                    api.answer(path, exchange.getRequestURI().getRawQuery(), new String(body, StandardCharsets.UTF_8));
            send(exchange, OK, "application/json", answer);
        } catch (ControlException refused) {
            sendError(exchange, refused.kind().httpStatus(), String.valueOf(refused.getMessage()));
        } catch (IllegalArgumentException wrong) {
            refuse(exchange, new Refusal(Drop.BODY, BAD_REQUEST, String.valueOf(wrong.getMessage())));
        } catch (RuntimeException broken) {
            LOG.warn("a request of the dashboard failed", broken);
            sendError(exchange, BROKEN, "the daemon failed inside: its log says more");
        }
    }

    private static void sendError(HttpExchange exchange, int status, String text) throws IOException {
        String line = text.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
        send(exchange, status, "text/plain; charset=utf-8", line + "\n");
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().toUpperCase(Locale.ROOT).equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, content.length);
        exchange.getResponseBody().write(content);
    }
}

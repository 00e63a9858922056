package io.p2pvpn.vpn.dashboard;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * One live view (server-sent events, WHATWG HTML section 9.2): runs on its request's thread until the page goes. It
 * ends itself from time to time, and the page comes again, which shows anew that it may.
 */
final class EventStream {
    private static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_MILLIS = 5000;
    private static final String COMMENT = ":\n\n";
    private static final int OK = 200;

    private final Feed feed;
    private final Thread thread = Thread.currentThread();
    private long writingSinceNanos;
    private boolean writing;

    EventStream(Feed feed) {
        this.feed = feed;
    }

    /** Sends until one side has enough. */
    void run(HttpExchange exchange) throws IOException {
        long endNanos = System.nanoTime() + LIFE_NANOS;
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(OK, 0);
        long seen = 0;
        try (OutputStream out = exchange.getResponseBody()) {
            while (!feed.isClosed() && System.nanoTime() - endNanos < 0) {
                Feed.Event event = feed.next(seen, PAUSE_MILLIS);
                write(out, event == null ? COMMENT : event.text());
                seen = event == null ? seen : event.number();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(OutputStream out, String text) throws IOException {
        setWriting(true);
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } finally {
            setWriting(false);
        }
    }

    private synchronized void setWriting(boolean now) {
        writing = now;
        writingSinceNanos = System.nanoTime();
    }

    /** Ends it if the other side has taken nothing for long: an interrupt closes the connection that is written to. */
    synchronized boolean cutIfStuck(long nowNanos) {
        if (writing && nowNanos - writingSinceNanos > STUCK_NANOS) {
            writing = false;
            thread.interrupt();
            return true;
        }
        return false;
    }
}

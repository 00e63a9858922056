package io.p2pvpn.vpn.dashboard;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server of one open dashboard; closes itself when nobody has looked for long. Thread-safe. */
final class DashboardServer {
    private static final Logger LOG = LoggerFactory.getLogger(DashboardServer.class);
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int BACKLOG = 16;
    private static final long IDLE_NANOS_MAX = TimeUnit.MINUTES.toNanos(30);

    private final HttpServer http;
    private final AccessTokens tokens = new AccessTokens();
    private final WorkerPool workers;
    private final Feed feed;
    private final long idleNanosMax;
    private final AtomicLong usedNanos = new AtomicLong(System.nanoTime());
    private final AtomicBoolean closed = new AtomicBoolean();

    private DashboardServer(
            HttpServer http, NodeCalls node, Tally tally, PageFiles files, History history, long idleNanosMax) {
        this.idleNanosMax = idleNanosMax;
        this.http = http;
        this.workers = new WorkerPool(tally);
        this.feed = new Feed(node, history, tally, this::closeIfIdle);
        http.createContext(
                "/",
                new PageHandler(new RequestGuard(tokens), files, new PageApi(node, history), feed, tally, this::onUse));
        http.setExecutor(workers);
    }

    /**
     * Listens on loopback. Blocks for as long as it takes to load what serves.
     *
     * @param port 0 for a free one
     */
    static DashboardServer start(int port, NodeCalls node, Tally tally) throws IOException {
        return start(port, node, tally, new History(), IDLE_NANOS_MAX);
    }

    static DashboardServer start(int port, NodeCalls node, Tally tally, History history, long idleNanosMax)
            throws IOException {
        ServerLimits.apply();
        PageFiles files = PageFiles.load();
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), BACKLOG);
        DashboardServer server = new DashboardServer(http, node, tally, files, history, idleNanosMax);
        http.start();
        server.feed.start();
        return server;
    }

    int port() {
        return http.getAddress().getPort();
    }

    /** An address that opens it, secret included. */
    String link() {
        onUse();
        return "http://127.0.0.1:" + port() + "/#" + tokens.make();
    }

    private void onUse() {
        usedNanos.set(System.nanoTime());
    }

    private void closeIfIdle() {
        if (feed.hasStreams()) {
            onUse();
        } else if (System.nanoTime() - usedNanos.get() > idleNanosMax) {
            LOG.debug("nobody looks at the dashboard any more");
            close();
        }
    }

    boolean isClosed() {
        return closed.get();
    }

    /** Hangs up on everybody. Idempotent. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            feed.close();
            workers.close();
            http.stop(0);
        }
    }
}

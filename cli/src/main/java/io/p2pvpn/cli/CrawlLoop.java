package io.p2pvpn.cli;

import io.p2pvpn.cli.history.CrawlRecorder;
import io.p2pvpn.cli.history.HistoryWriter;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** {@code p2pvpn crawl --every}: crawls until it is told to stop, and writes down what comes of it. */
final class CrawlLoop {
    private final Environment environment;
    private final HistoryWriter history;
    private final CrawlRecorder recorder;
    private final boolean json;

    CrawlLoop(Environment environment, HistoryWriter history, boolean json) {
        this.environment = environment;
        this.history = history;
        this.recorder = new CrawlRecorder(history, Clock.systemUTC());
        this.json = json;
    }

    /**
     * Crawls each time {@code every} is over, and leaves out times at which the crawl before has not ended. SIGINT and
     * SIGTERM end the process with 0, after the line that is being written.
     *
     * @throws ControlException if the request cannot be right; everything else may be better the next time
     */
    void run(CrawlRecorder.Crawl crawl, CrawlRequest request, Duration every) throws ControlException {
        Thread onSignal = new Thread(this::end, "signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try {
            repeat(crawl, request, every.toNanos());
        } finally {
            forget(onSignal);
        }
    }

    private void repeat(CrawlRecorder.Crawl crawl, CrawlRequest request, long everyNanos) throws ControlException {
        long nextNanos = System.nanoTime();
        while (true) {
            once(crawl, request);
            nextNanos += everyNanos;
            long lateNanos = System.nanoTime() - nextNanos;
            if (lateNanos >= 0) {
                nextNanos += (lateNanos / everyNanos + 1) * everyNanos;
            }
            Pause.of(Duration.ofNanos(nextNanos - System.nanoTime()));
        }
    }

    private static void forget(Thread onSignal) {
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException stopping) {
            // The hook ends the process itself; this thread has nothing to say any more.
            assert onSignal.isAlive();
        }
    }

    private void once(CrawlRecorder.Crawl crawl, CrawlRequest request) throws ControlException {
        try {
            CrawlRecorder.Entry entry = recorder.record(crawl, request);
            tell(entry);
            ControlException failure = entry.failure();
            if (failure != null && failure.kind() == Kind.WRONG_USAGE) {
                throw failure;
            }
        } catch (ControlException refused) {
            if (refused.kind() == Kind.WRONG_USAGE) {
                throw refused;
            }
            environment.err().println(failed(Instant.now(), refused));
        }
        environment.out().flush();
    }

    private void tell(CrawlRecorder.Entry entry) {
        CrawlResult result = entry.result();
        ControlException failure = entry.failure();
        if (json) {
            environment.out().println(entry.json());
        } else if (result != null) {
            environment.out().println(text(entry.at(), result));
        } else if (failure != null && failure.kind() != Kind.WRONG_USAGE) {
            environment.err().println(failed(entry.at(), failure));
        }
    }

    private static String failed(Instant at, ControlException failure) {
        return at + " " + failure.getMessage();
    }

    private static String text(Instant at, CrawlResult result) {
        return String.format(
                Locale.ROOT,
                "%s %s%s%s%s",
                at,
                CrawlText.heading(result),
                result.missing().isEmpty() ? "" : ", " + result.missing().size() + " missing",
                result.lagging().isEmpty() ? "" : ", " + result.lagging().size() + " late",
                result.complete() ? "" : ", partial");
    }

    /** A process that was told to end has not failed. Whoever has the history's lock writes no line meanwhile. */
    private void end() {
        synchronized (history) {
            environment.out().flush();
            Runtime.getRuntime().halt(0);
        }
    }
}

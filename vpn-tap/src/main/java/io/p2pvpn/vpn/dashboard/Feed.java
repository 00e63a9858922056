package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the node once a second and has the newest look ready for live views. One that does not keep up misses looks
 * and makes nobody wait. Thread-safe.
 */
final class Feed {
    /** Live views at a time. */
    static final int STREAMS_MAX = 8;

    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);
    private static final Duration LOOP_TIME_MAX = Duration.ofSeconds(5);
    private static final long PERIOD_MILLIS = 1000;
    /** A longer look is sent this many times more rarely. */
    private static final int LONG_CHARS = 256 * 1024;

    private static final int LONG_PERIODS = 5;

    private final NodeCalls node;
    private final History history;
    private final Tally tally;
    private final Runnable everySecond;
    private final List<EventStream> streams = new ArrayList<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "p2pvpn-dashboard-feed");
        made.setDaemon(true);
        return made;
    });
    private String newest = "";
    private long number;
    private int periodsToWait;
    private boolean closed;

    /**
     * Begins at once.
     *
     * @param everySecond called after each look
     */
    Feed(NodeCalls node, History history, Tally tally, Runnable everySecond) {
        this.node = node;
        this.history = history;
        this.tally = tally;
        this.everySecond = everySecond;
    }

    void start() {
        var unused = thread.scheduleAtFixedRate(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        cutStuck();
        try {
            Sample sample = node.read(LOOP_TIME_MAX, Sample::of);
            HistoryReport.Point point = history.add(sample, System.nanoTime(), System.currentTimeMillis());
            if (hasStreams() && periodsToWait-- <= 0) {
                LiveReport live =
                        new LiveReport(point, sample.status(), sample.peers().peers(), sample.places());
                publish("data: " + ControlJson.write(live) + "\n\n");
            }
        } catch (ControlException busy) {
            LOG.debug("the node did not answer the dashboard", busy);
        } catch (RuntimeException broken) {
            // An exception would end the feed without a word.
            LOG.warn("the dashboard's feed missed a look", broken);
        }
        everySecond.run();
    }

    private synchronized void publish(String event) {
        newest = event;
        number++;
        periodsToWait = event.length() > LONG_CHARS ? LONG_PERIODS - 1 : 0;
        notifyAll();
    }

    private void cutStuck() {
        List<EventStream> open;
        synchronized (this) {
            open = List.copyOf(streams);
        }
        for (EventStream stream : open) {
            if (stream.cutIfStuck(System.nanoTime())) {
                tally.add(Drop.SLOW);
            }
        }
    }

    /** Makes room for one more live view; false if there is none. */
    synchronized boolean open(EventStream stream) {
        if (closed || streams.size() >= STREAMS_MAX) {
            return false;
        }
        streams.add(stream);
        return true;
    }

    synchronized void close(EventStream stream) {
        streams.remove(stream);
    }

    synchronized boolean hasStreams() {
        return !streams.isEmpty();
    }

    /**
     * One event.
     *
     * @param number of the look, from 1
     * @param text as it is sent
     */
    record Event(long number, String text) {}

    /** A newer event than that one, as soon as there is one; null if there is none in time, or none any more. */
    synchronized @Nullable Event next(long seen, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (!closed && number <= seen) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMillis <= 0) {
                return null;
            }
            wait(leftMillis);
        }
        return closed ? null : new Event(number, newest);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized void close() {
        closed = true;
        thread.shutdownNow();
        notifyAll();
    }
}

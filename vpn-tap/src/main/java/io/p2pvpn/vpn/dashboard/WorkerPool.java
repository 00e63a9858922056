package io.p2pvpn.vpn.dashboard;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read requests and answer them. The server asks for one as soon as a connection has sent something,
 * and reads on it: a client that sends slowly holds one until the server's time for a request is over. Thread-safe.
 */
final class WorkerPool implements Executor {
    /** Connections that can be read or answered at a time, live views included. */
    static final int THREADS_MAX = 32;

    private static final long IDLE_SECONDS = 10;

    /** Set while a thread runs for a connection: whether a request came of it. */
    private static final ThreadLocal<Boolean> REACHED = new ThreadLocal<>();

    private final Tally tally;
    private final ThreadPoolExecutor threads;

    WorkerPool(Tally tally) {
        this.tally = tally;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                0, THREADS_MAX, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "p2pvpn-dashboard-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** To be called by whoever handles a request. */
    static void onRequest() {
        REACHED.set(true);
    }

    @Override
    public void execute(Runnable connection) {
        try {
            threads.execute(() -> run(connection));
        } catch (RejectedExecutionException full) {
            // The server closes the connection when its time for a request is over.
            tally.add(Drop.CONNECTIONS);
            throw full;
        }
    }

    private void run(Runnable connection) {
        REACHED.set(false);
        connection.run();
        if (!REACHED.get()) {
            tally.add(Drop.UNREADABLE);
        }
    }

    void close() {
        threads.shutdownNow();
    }
}

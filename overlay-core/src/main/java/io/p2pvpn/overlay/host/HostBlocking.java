package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A few daemon threads; results and exceptions hop back to the loop. Thread-safe. */
final class HostBlocking implements Blocking {
    private static final int QUEUE_TASKS_MAX = 1024;
    private static final int IDLE_SECONDS = 30;

    private final Timers timers;
    private final ThreadPoolExecutor threads;

    HostBlocking(Timers timers, String threadName, int threadCount) {
        this.timers = timers;
        this.threads = new ThreadPoolExecutor(
                threadCount,
                threadCount,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE_TASKS_MAX),
                work -> {
                    Thread thread = new Thread(work, threadName);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public <T> CompletableFuture<T> call(Callable<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            threads.execute(() -> run(work, future));
        } catch (RejectedExecutionException e) {
            timers.execute(() -> future.completeExceptionally(e));
        }
        return future;
    }

    /** Runs {@code task} elsewhere, or here and now when too much waits already. */
    void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (RejectedExecutionException full) {
            task.run();
        }
    }

    private <T> void run(Callable<T> work, CompletableFuture<T> future) {
        try {
            T result = work.call();
            timers.execute(() -> future.complete(result));
        } catch (Exception | LinkageError | AssertionError e) {
            timers.execute(() -> future.completeExceptionally(e));
        }
    }

    /** Takes no more work and waits for what was taken, at most so long. */
    void finish(long waitMillis) {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(waitMillis, TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}

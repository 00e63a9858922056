package io.p2pvpn.overlay.host;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.p2pvpn.overlay.runtime.Heartbeat;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Timers of the event loop. The loop orders by (deadline, order of scheduling).
 *
 * <p>Confined to the loop, except {@link #execute}.
 */
final class LoopTimers implements Timers {
    private final EventLoop loop;
    private final Consumer<Throwable> onFailure;
    private final Heartbeat heartbeat = new Heartbeat(this, System::nanoTime, this::guard);

    LoopTimers(EventLoop loop, Consumer<Throwable> onFailure) {
        this.loop = loop;
        this.onFailure = onFailure;
    }

    private final class LoopTimer implements Timer, Runnable {
        private @Nullable Runnable task;
        private @Nullable ScheduledFuture<?> future;

        LoopTimer(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            Runnable due = task;
            task = null;
            if (due != null) {
                guard(due);
            }
        }

        @Override
        public void cancel() {
            assert loop.inEventLoop();
            ScheduledFuture<?> waiting = future;
            if (task != null && waiting != null) {
                task = null;
                waiting.cancel(false);
            }
        }
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        assert loop.inEventLoop();
        LoopTimer timer = new LoopTimer(task);
        timer.future = loop.schedule(timer, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        return timer;
    }

    @Override
    public Timer everySecond(Runnable task) {
        assert loop.inEventLoop();
        return heartbeat.add(task);
    }

    @Override
    public long aligned(long deadlineNanos) {
        return heartbeat.before(deadlineNanos);
    }

    @Override
    public void execute(Runnable task) {
        try {
            loop.execute(() -> guard(task));
        } catch (RejectedExecutionException e) {
            // The loop has been closed: whatever this was, nobody waits for it any more.
            assert loop.isShuttingDown() : e;
        }
    }

    /** Runs a task or callback of the node; what it throws would otherwise vanish inside the event loop's library. */
    void guard(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            onFailure.accept(failure);
        }
    }
}

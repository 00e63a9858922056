package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import org.jspecify.annotations.Nullable;

/** A deadline that moves all the time: a later one costs nothing, since the timer looks again when it has come. */
final class LazyTimer {
    private final NodeRuntime runtime;
    private final Runnable task;
    private Timers.@Nullable Timer timer;
    private long armedNanos;
    private long deadlineNanos = Long.MAX_VALUE;

    LazyTimer(NodeRuntime runtime, Runnable task) {
        this.runtime = runtime;
        this.task = task;
    }

    /** Runs the task then, and not at the time set before; {@code Long.MAX_VALUE} for never. */
    void set(long atNanos, long nowNanos) {
        deadlineNanos = atNanos;
        if (timer != null && (atNanos == Long.MAX_VALUE || armedNanos <= atNanos)) {
            return;
        }
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        if (atNanos != Long.MAX_VALUE) {
            arm(nowNanos);
        }
    }

    private void arm(long nowNanos) {
        armedNanos = deadlineNanos;
        timer = runtime.timers().schedule(Math.max(0, deadlineNanos - nowNanos), this::onTime);
    }

    private void onTime() {
        timer = null;
        long now = runtime.clock().nanoTime();
        if (deadlineNanos == Long.MAX_VALUE) {
            return;
        }
        if (now < deadlineNanos) {
            arm(now);
        } else {
            deadlineNanos = Long.MAX_VALUE;
            task.run();
        }
    }
}

package io.p2pvpn.overlay.runtime;

/** Runs tasks later on the node's loop. Tasks due at the same instant run in the order in which they were set. */
public interface Timers {
    /** A task that waits for its time. */
    interface Timer {
        /** Stops the task if it has not run yet; harmless otherwise. */
        void cancel();
    }

    /** Runs {@code task} once, {@code delayNanos} (0 or more) from now. */
    Timer schedule(long delayNanos, Runnable task);

    /**
     * Runs {@code task} about once a second until it is cancelled, for the first time within a second. A runtime lets
     * all such tasks of a node share one {@link Heartbeat}.
     */
    default Timer everySecond(Runnable task) {
        return new Heartbeat(this, () -> 0, Runnable::run).add(task);
    }

    /**
     * For a deadline that need not be exact: one up to half a second earlier at which the node is likely to be awake
     * for other reasons. Waking up is most of what an idle node costs.
     *
     * @param deadlineNanos by {@link NodeRuntime#clock}
     */
    default long aligned(long deadlineNanos) {
        return deadlineNanos;
    }

    /** Runs {@code task} on the loop after the current event. The only method that any thread may call. */
    void execute(Runnable task);
}

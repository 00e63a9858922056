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
        return new Heartbeat(this, Runnable::run).add(task);
    }

    /** Runs {@code task} on the loop after the current event. The only method that any thread may call. */
    void execute(Runnable task);
}

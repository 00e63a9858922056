package io.p2pvpn.overlay.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node looks at about once a second, on one timer: an idle node that woke up for each of these things by itself
 * would hardly sleep. Beats come at whole seconds since the node began, so that others can have their timers fall
 * together with them ({@link #before}). Confined to the node's loop.
 */
public final class Heartbeat {
    private static final long NANOS = 1_000_000_000L;

    private static final long HALF_NANOS = NANOS / 2;

    private final Timers timers;
    private final LongSupplier clock;
    private final Executor guard;
    private final long beganNanos;
    private final List<Beat> beats = new ArrayList<>();
    private Timers.@Nullable Timer timer;

    /**
     * A heartbeat that rests while there is nothing to look at.
     *
     * @param clock the node's monotonic clock, nanoseconds
     * @param guard runs each task, so that one which fails does not stop the others
     */
    public Heartbeat(Timers timers, LongSupplier clock, Executor guard) {
        this.timers = timers;
        this.clock = clock;
        this.guard = guard;
        this.beganNanos = clock.getAsLong();
    }

    /** The last beat, or middle between two, that is not after this time of the clock. */
    public long before(long nanos) {
        return nanos - Math.floorMod(nanos - beganNanos, HALF_NANOS);
    }

    private final class Beat implements Timers.Timer {
        private final Runnable task;
        private boolean cancelled;

        Beat(Runnable task) {
            this.task = task;
        }

        void run() {
            if (!cancelled) {
                guard.execute(task);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            beats.remove(this);
            if (beats.isEmpty() && timer != null) {
                timer.cancel();
                timer = null;
            }
        }
    }

    /** Runs {@code task} at each beat from the next one on, which may be nearer than a second. */
    public Timers.Timer add(Runnable task) {
        Beat beat = new Beat(task);
        beats.add(beat);
        if (timer == null) {
            timer = schedule();
        }
        return beat;
    }

    private Timers.Timer schedule() {
        return timers.schedule(NANOS - Math.floorMod(clock.getAsLong() - beganNanos, NANOS), this::onBeat);
    }

    private void onBeat() {
        timer = schedule();
        List.copyOf(beats).forEach(Beat::run);
    }
}

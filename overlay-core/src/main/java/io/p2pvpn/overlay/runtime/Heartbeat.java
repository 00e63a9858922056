package io.p2pvpn.overlay.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a node looks at about once a second, on one timer: an idle node that woke up for each of these things by itself
 * would hardly sleep. Confined to the node's loop.
 */
public final class Heartbeat {
    private static final long NANOS = 1_000_000_000L;

    private final Timers timers;
    private final Executor guard;
    private final List<Beat> beats = new ArrayList<>();
    private Timers.@Nullable Timer timer;

    /**
     * A heartbeat that rests while there is nothing to look at.
     *
     * @param guard runs each task, so that one which fails does not stop the others
     */
    public Heartbeat(Timers timers, Executor guard) {
        this.timers = timers;
        this.guard = guard;
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
            timer = timers.schedule(NANOS, this::onBeat);
        }
        return beat;
    }

    private void onBeat() {
        timer = timers.schedule(NANOS, this::onBeat);
        List.copyOf(beats).forEach(Beat::run);
    }
}

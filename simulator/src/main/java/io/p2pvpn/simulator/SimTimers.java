package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Heartbeat;
import io.p2pvpn.overlay.runtime.Timers;
import org.jspecify.annotations.Nullable;

/** The loop of one node life: its timers are events of the world. A stopped node's timers never fire. */
final class SimTimers implements Timers {
    private final SimRuntime runtime;
    private final Heartbeat heartbeat;
    private int pending;

    SimTimers(SimRuntime runtime) {
        this.runtime = runtime;
        this.heartbeat = new Heartbeat(this, runtime.host()::localNanos, Runnable::run);
    }

    @Override
    public long aligned(long deadlineNanos) {
        return heartbeat.before(deadlineNanos);
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        SimHost host = runtime.host();
        long deadlineNanos = SimWorld.saturatedAdd(host.localNanos(), SimWorld.checkedDelay(delayNanos));
        SimTimer timer = new SimTimer(this, deadlineNanos, task);
        if (runtime.isAlive()) {
            pending++;
            host.world().schedule(host, host.worldNanos(deadlineNanos), timer);
        }
        return timer;
    }

    @Override
    public Timer everySecond(Runnable task) {
        return heartbeat.add(task);
    }

    @Override
    public void execute(Runnable task) {
        schedule(0, task);
    }

    /** The node has stopped: what it waited for is dead. */
    void onStopped() {
        runtime.host().region().noteDead(pending);
        pending = 0;
    }

    /** One task that waits; null when it has run or was cancelled. */
    private static final class SimTimer extends SimEvent implements Timer {
        private final SimTimers timers;
        private final long deadlineNanos;
        private @Nullable Runnable task;

        SimTimer(SimTimers timers, long deadlineNanos, Runnable task) {
            this.timers = timers;
            this.deadlineNanos = deadlineNanos;
            this.task = task;
        }

        @Override
        public void cancel() {
            if (task == null) {
                return;
            }
            task = null;
            if (timers.runtime.isAlive()) {
                timers.pending--;
                timers.runtime.host().region().noteDead(1);
            }
        }

        @Override
        boolean isLive() {
            return task != null && timers.runtime.isAlive();
        }

        @Override
        int touch(int step) {
            Runnable due = task;
            if (step == 1) {
                return due instanceof SimEvent ? 1 : 2;
            }
            return step == 2 ? timers.pending : timers.runtime.touch(1);
        }

        @Override
        void fire(SimWorld world, long sequence) {
            SimHost host = timers.runtime.host();
            long dueNanos = host.taskNanos(deadlineNanos);
            Runnable due = task;
            if (dueNanos > host.region().nowNanos()) {
                // The host slept or stood still meanwhile. The old number keeps tasks of one deadline in their order.
                world.putOff(dueNanos, sequence, this);
            } else if (due != null) {
                task = null;
                timers.pending--;
                world.record(History.TASK, host.id(), host.id());
                due.run();
            }
        }
    }
}

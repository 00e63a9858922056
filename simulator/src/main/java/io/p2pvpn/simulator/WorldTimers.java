package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Heartbeat;
import io.p2pvpn.overlay.runtime.Timers;
import org.jspecify.annotations.Nullable;

/**
 * The loop of something that stands for a node and has no host: its timers are events of the world. Confined to the
 * world's thread.
 */
public final class WorldTimers implements Timers {
    private final SimWorld world;
    private final int number;
    private @Nullable Heartbeat heartbeat;

    /**
     * A loop without tasks.
     *
     * @param number whose it is, for the world's history
     */
    public WorldTimers(SimWorld world, int number) {
        this.world = world;
        this.number = number;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        WorldTimer timer = new WorldTimer(this, task);
        world.schedule(null, SimWorld.saturatedAdd(world.nanoTime(), SimWorld.checkedDelay(delayNanos)), timer);
        return timer;
    }

    @Override
    public Timer everySecond(Runnable task) {
        if (heartbeat == null) {
            heartbeat = new Heartbeat(this, world::nanoTime, Runnable::run);
        }
        return heartbeat.add(task);
    }

    @Override
    public void execute(Runnable task) {
        schedule(0, task);
    }

    /** One task that waits; null when it has run or was cancelled. */
    private static final class WorldTimer extends SimEvent implements Timer {
        private final WorldTimers timers;
        private @Nullable Runnable task;

        WorldTimer(WorldTimers timers, Runnable task) {
            this.timers = timers;
            this.task = task;
        }

        @Override
        public void cancel() {
            if (task != null) {
                task = null;
                timers.world.current().noteDead(1);
            }
        }

        @Override
        boolean isLive() {
            return task != null;
        }

        @Override
        void fire(SimWorld world, long sequence) {
            Runnable due = task;
            if (due != null) {
                task = null;
                world.record(History.TASK, timers.number, timers.number);
                due.run();
            }
        }
    }
}

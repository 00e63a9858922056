package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.SimWorld;
import java.util.function.Consumer;

/** Looks at the wall clock after some events and reports every five seconds, if the run takes longer than a few. */
final class ProgressMeter {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long FIRST_NANOS = 4_000_000_000L;
    private static final long NEXT_NANOS = 5_000_000_000L;
    /** Asking the clock after each event would be felt. */
    private static final int EVENTS_PER_LOOK = 512;

    private final SimWorld world;
    private final Consumer<Progress> listener;
    private final long startNanos = System.nanoTime();
    private long reportNanos = startNanos + FIRST_NANOS;
    private long lastNanos = startNanos;
    private long lastEvents;
    private long lastSimulatedNanos;
    private long plannedNanos;
    private int unlooked;

    ProgressMeter(SimWorld world, Consumer<Progress> listener) {
        this.world = world;
        this.listener = listener;
        world.afterEachEvent(this::onEvent);
    }

    /** The world's time at which it will be over, as far as can be said now. */
    void plan(long nanos) {
        plannedNanos = nanos;
    }

    double wallSeconds() {
        return (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
    }

    private void onEvent() {
        if (++unlooked < EVENTS_PER_LOOK) {
            return;
        }
        unlooked = 0;
        long nowNanos = System.nanoTime();
        if (nowNanos - reportNanos >= 0) {
            report(nowNanos);
            reportNanos = nowNanos + NEXT_NANOS;
            lastNanos = nowNanos;
            lastEvents = world.events();
            lastSimulatedNanos = world.nanoTime();
        }
    }

    private void report(long nowNanos) {
        double pace = Math.max(1, world.nanoTime() - lastSimulatedNanos) / (double) (nowNanos - lastNanos);
        long toComeNanos = Math.max(0, plannedNanos - world.nanoTime());
        listener.accept(new Progress(
                (nowNanos - startNanos) / NANOS_PER_SECOND,
                world.nanoTime() / NANOS_PER_SECOND,
                Math.max(plannedNanos, world.nanoTime()) / NANOS_PER_SECOND,
                world.events(),
                (world.events() - lastEvents) * NANOS_PER_SECOND / (nowNanos - lastNanos),
                toComeNanos / pace / NANOS_PER_SECOND));
    }
}

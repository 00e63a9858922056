package io.p2pvpn.dht;

import io.p2pvpn.overlay.runtime.Clock;

/** Monotonic milliseconds since this object was made: plain numbers to sort by. */
final class LoopTime {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Clock clock;
    private final long originNanos;

    LoopTime(Clock clock) {
        this.clock = clock;
        this.originNanos = clock.nanoTime();
    }

    long millis() {
        return (clock.nanoTime() - originNanos) / NANOS_PER_MILLI;
    }

    long epochMillis() {
        return clock.epochMillis();
    }

    static long toNanos(long millis) {
        return millis * NANOS_PER_MILLI;
    }
}

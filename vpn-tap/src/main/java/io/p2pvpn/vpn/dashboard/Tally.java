package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings counts to the node's counters. However fast strangers make them grow, at most one task waits in the node's
 * loop. Thread-safe.
 */
final class Tally {
    private final Timers timers;
    private final Counters counters;
    /** Complete from the start, and never changed but for its values. */
    private final Map<Drop, AtomicLong> counts = new EnumMap<>(Drop.class);

    private final AtomicBoolean waiting = new AtomicBoolean();

    Tally(Timers timers, Counters counters) {
        this.timers = timers;
        this.counters = counters;
        for (Drop reason : Drop.values()) {
            counts.put(reason, new AtomicLong());
        }
    }

    void add(Drop reason) {
        Objects.requireNonNull(counts.get(reason)).incrementAndGet();
        if (waiting.compareAndSet(false, true)) {
            timers.execute(this::bring);
        }
    }

    private void bring() {
        waiting.set(false);
        counts.forEach((reason, waitingCount) -> {
            long count = waitingCount.getAndSet(0);
            if (count > 0) {
                counters.counter(reason.counter()).add(count);
            }
        });
    }
}

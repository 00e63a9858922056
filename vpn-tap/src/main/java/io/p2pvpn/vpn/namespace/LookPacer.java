package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import org.jspecify.annotations.Nullable;

/**
 * When to look again at what others publish in the public DHT: 3 s after the neighbours in the public ring changed,
 * since parts of it that meet may each hold records that the other does not know, but at most every 15 s; then after 60
 * s, and while nothing changes after pauses that grow to 240 s (and up to a quarter). Confined to the node's loop.
 */
final class LookPacer {
    private static final long FIRST_NANOS = 3_000_000_000L;
    private static final long PAUSE_FIRST_NANOS = 60_000_000_000L;
    private static final long PAUSE_LAST_NANOS = 240_000_000_000L;
    /** While nothing changes, every so many looks all replicas are asked. */
    private static final int ALL_EVERY = 4;
    /** However often neighbours change, nobody looks more often than this. */
    private static final long MET_NANOS = 15_000_000_000L;

    private final NodeRuntime runtime;
    private final Ring publicRing;
    private final Runnable look;
    private Timers.@Nullable Timer timer;
    private long nextNanos;
    private long lookedNanos;
    private long pauseNanos = PAUSE_FIRST_NANOS;
    private int looks;
    private boolean oneEnough;
    private boolean closed;

    /** A pacer at rest. */
    LookPacer(NodeRuntime runtime, Ring publicRing, Runnable look) {
        this.runtime = runtime;
        this.publicRing = publicRing;
        this.look = look;
    }

    /** Begins; once. */
    void start() {
        lookedNanos = runtime.clock().nanoTime();
        lookAfter(FIRST_NANOS);
        publicRing.onNeighboursChanged(this::askAllSoon);
    }

    /** There is reason to ask a majority: it is asked in 3 s, or 15 s after the last look. */
    void askAllSoon() {
        startOver();
        lookWithin(FIRST_NANOS);
    }

    /** Something has changed: the pauses are short again. */
    void startOver() {
        pauseNanos = PAUSE_FIRST_NANOS;
        looks = 0;
    }

    /** In a look: whether one replica is enough, since nothing has changed and this is one look of many. */
    boolean isOneEnough() {
        return oneEnough;
    }

    /** Brings the next look forward, if it is farther away; what is overdue is due now. */
    void lookWithin(long nanos) {
        long now = runtime.clock().nanoTime();
        long soonest = Math.max(0, Math.max(nanos, lookedNanos + MET_NANOS - now));
        if (!closed && nextNanos - now > soonest) {
            lookAfter(soonest);
        }
    }

    private void lookAfter(long nanos) {
        if (timer != null) {
            timer.cancel();
        }
        nextNanos = runtime.clock().nanoTime() + nanos;
        timer = runtime.timers().schedule(nanos, this::look);
    }

    private void look() {
        if (!closed) {
            lookedNanos = runtime.clock().nanoTime();
            lookAfter(pauseNanos + (long) (runtime.random().nextDouble() * pauseNanos / 4));
            pauseNanos = Math.min(2 * pauseNanos, PAUSE_LAST_NANOS);
            // Counted first: what is found may come, and have us start over, before the call returns.
            oneEnough = looks++ % ALL_EVERY != 0;
            look.run();
        }
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}

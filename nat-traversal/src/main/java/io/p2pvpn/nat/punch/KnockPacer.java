package io.p2pvpn.nat.punch;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Lets all searches of a node knock in turn, at one rate. Confined to the node's loop. */
final class KnockPacer {
    /** Searches at a time. */
    static final int SEARCHES_MAX = 8;

    private static final long TURN_NANOS = 20_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Something that knocks until it is done. */
    interface Search {
        /** Knocks once; false if there is nothing more to knock at. */
        boolean knock();
    }

    private final NodeRuntime runtime;
    private final int packetsPerSecond;
    private final ArrayDeque<Search> searches = new ArrayDeque<>();
    private Timers.@Nullable Timer timer;
    private long creditNanos;
    private long lastNanos;

    KnockPacer(NodeRuntime runtime, int packetsPerSecond) {
        this.runtime = runtime;
        this.packetsPerSecond = packetsPerSecond;
    }

    /** Takes one more turn; false if there are too many. */
    boolean add(Search search) {
        if (packetsPerSecond == 0 || searches.size() >= SEARCHES_MAX) {
            return false;
        }
        searches.add(search);
        if (timer == null) {
            lastNanos = runtime.clock().nanoTime();
            timer = runtime.timers().schedule(0, this::turn);
        }
        return true;
    }

    void remove(Search search) {
        searches.remove(search);
    }

    private void turn() {
        timer = null;
        long now = runtime.clock().nanoTime();
        // A turn that comes late, or after a pause, does not make up for what it missed.
        creditNanos += Math.min(TURN_NANOS, now - lastNanos);
        lastNanos = now;
        long costNanos = SECOND_NANOS / packetsPerSecond;
        while (creditNanos >= costNanos && !searches.isEmpty()) {
            creditNanos -= costNanos;
            Search next = searches.removeFirst();
            if (next.knock()) {
                searches.addLast(next);
            }
        }
        if (!searches.isEmpty()) {
            timer = runtime.timers().schedule(TURN_NANOS, this::turn);
        }
    }
}

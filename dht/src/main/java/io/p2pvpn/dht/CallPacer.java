package io.p2pvpn.dht;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs background calls a few at a time, so that repair never crowds out what somebody waits for. */
final class CallPacer {
    private final int inFlightMax;
    private final int queueMax;
    private final Deque<Supplier<CompletableFuture<?>>> waiting = new ArrayDeque<>();
    private int inFlight;
    private boolean draining;

    CallPacer(int inFlightMax, int queueMax) {
        this.inFlightMax = inFlightMax;
        this.queueMax = queueMax;
    }

    /** Starts the call when its turn comes; false if too many wait already. */
    boolean offer(Supplier<CompletableFuture<?>> call) {
        if (waiting.size() >= queueMax) {
            return false;
        }
        waiting.add(call);
        drain();
        return true;
    }

    /** Forgets what waits. */
    void clear() {
        waiting.clear();
    }

    int inFlight() {
        return inFlight;
    }

    private void drain() {
        if (draining) {
            // A call that completes at once would otherwise recurse once per waiting call.
            return;
        }
        draining = true;
        while (inFlight < inFlightMax && !waiting.isEmpty()) {
            inFlight++;
            CompletableFuture<?> unused = waiting.remove().get().whenComplete((result, error) -> {
                inFlight--;
                drain();
            });
        }
        draining = false;
    }
}

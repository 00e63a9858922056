package io.p2pvpn.overlay.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** Handlers of futures whose own faults do not vanish. */
public final class Completions {
    private Completions() {}

    /**
     * Runs {@code handler} with the outcome: the value and null, or null and the failure. What the handler throws
     * is a fault of the program: it goes to the loop, which knows what to do with it, instead of into a future that
     * nobody looks at.
     */
    public static <T> void whenDone(
            Timers timers, CompletableFuture<T> future, BiConsumer<? super T, ? super Throwable> handler) {
        CompletableFuture<?> unused = future.whenComplete((value, failure) -> {
            try {
                handler.accept(value, failure);
            } catch (RuntimeException | AssertionError fault) {
                timers.execute(() -> {
                    throw fault;
                });
            }
        });
    }

    /** Completes when {@code future} does, however it does, or after {@code nanos} if that is earlier. */
    public static CompletableFuture<Void> atMost(Timers timers, long nanos, CompletableFuture<?> future) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Timers.Timer limit = timers.schedule(nanos, () -> ended.complete(null));
        whenDone(timers, future, (result, failure) -> {
            limit.cancel();
            ended.complete(null);
        });
        return ended;
    }
}

package io.p2pvpn.overlay.runtime;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Takes work that may block (name look-up, disk) off the loop. */
public interface Blocking {
    /**
     * Runs {@code work} elsewhere; the result, or the exception, arrives on the loop. The simulator runs it inline as
     * an event of its own.
     */
    <T> CompletableFuture<T> call(Callable<T> work);
}

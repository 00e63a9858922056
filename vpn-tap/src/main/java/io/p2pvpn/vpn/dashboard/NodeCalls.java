package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.control.ControlBackend;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Asks the node on its loop and waits for the answer elsewhere. Thread-safe; not for the loop itself. */
final class NodeCalls {
    private final Timers timers;
    private final ControlBackend backend;

    NodeCalls(Timers timers, ControlBackend backend) {
        this.timers = timers;
        this.backend = backend;
    }

    /** What is known at once. */
    <T> T read(Duration timeout, Function<ControlBackend, T> question) throws ControlException {
        return ask(timeout, backend -> CompletableFuture.completedFuture(question.apply(backend)));
    }

    /** What the node may have to find out first. */
    <T> T ask(Duration timeout, Function<ControlBackend, CompletableFuture<T>> question) throws ControlException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        timers.execute(() -> {
            try {
                var unused = question.apply(backend).whenComplete((value, failure) -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException broken) {
                answer.completeExceptionally(broken);
            }
        });
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw explained(e);
        } catch (TimeoutException e) {
            throw new ControlException(Kind.TIMED_OUT, "the node did not answer in time: try again", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(Kind.NO_DAEMON, "the dashboard was closed", e);
        }
    }

    private static ControlException explained(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof ExecutionException || cause instanceof CompletionException) {
            Throwable inner = cause.getCause();
            if (inner == null) {
                break;
            }
            cause = inner;
        }
        if (cause instanceof ControlException known) {
            return known;
        }
        return new ControlException(
                cause instanceof IllegalArgumentException ? Kind.WRONG_USAGE : Kind.FAILED,
                String.valueOf(cause.getMessage()),
                cause);
    }
}

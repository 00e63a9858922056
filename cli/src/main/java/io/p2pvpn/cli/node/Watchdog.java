package io.p2pvpn.cli.node;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the service manager that the node is alive as long as it answers, where that has been asked for (units with
 * {@code WatchdogSec=}, sd_watchdog_enabled(3)): a node that is stuck is then started again.
 */
final class Watchdog {
    private static final String PERIOD = "WATCHDOG_USEC";
    private static final String PROCESS = "WATCHDOG_PID";
    /** Signs of life in a period, so that a late one does no harm. */
    private static final int SIGNS = 4;

    private Watchdog() {}

    /**
     * Begins, unless nobody has asked for it; goes on until the process ends.
     *
     * @param responds completes as soon as the node has time
     */
    static void start(
            Map<String, String> variables,
            ServiceManager manager,
            Supplier<CompletableFuture<@Nullable Void>> responds) {
        Duration period = period(variables);
        if (period != null) {
            Thread thread = new Thread(() -> run(period.dividedBy(SIGNS), manager, responds), "p2pvpn-watchdog");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** After how long without a sign the manager acts; null if it does not ask this process for signs. */
    static @Nullable Duration period(Map<String, String> variables) {
        String process = variables.getOrDefault(PROCESS, "");
        if (!process.isEmpty()
                && !process.equals(String.valueOf(ProcessHandle.current().pid()))) {
            return null;
        }
        try {
            long micros = Long.parseLong(variables.getOrDefault(PERIOD, ""));
            return micros > 0 ? Duration.of(micros, ChronoUnit.MICROS) : null;
        } catch (NumberFormatException none) {
            return null;
        }
    }

    private static void run(
            Duration pause, ServiceManager manager, Supplier<CompletableFuture<@Nullable Void>> responds) {
        try {
            while (true) {
                if (answers(responds.get(), pause)) {
                    manager.alive();
                }
                Thread.sleep(pause.toMillis());
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean answers(CompletableFuture<@Nullable Void> response, Duration limit)
            throws InterruptedException {
        try {
            response.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException stuck) {
            return false;
        }
    }
}

package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.util.function.BooleanSupplier;

/** Says something again and again, ever more slowly, until it is known to be heard. */
final class Greeter {
    private static final int TRIES = 7;
    private static final long FIRST_GAP_NANOS = 400_000_000L;

    private Greeter() {}

    /** Runs {@code greeting} now, and again until {@code heard}. */
    static void greet(NodeRuntime runtime, Runnable greeting, BooleanSupplier heard) {
        attempt(runtime, greeting, heard, 0);
    }

    private static void attempt(NodeRuntime runtime, Runnable greeting, BooleanSupplier heard, int tries) {
        if (tries == 0 || (tries < TRIES && !heard.getAsBoolean())) {
            greeting.run();
            runtime.timers().schedule(FIRST_GAP_NANOS << tries, () -> attempt(runtime, greeting, heard, tries + 1));
        }
    }
}

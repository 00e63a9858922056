package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.time.Duration;

/** Waiting on the main thread between two looks at something. */
public final class Pause {
    private static final Duration POLL = Duration.ofMillis(50);

    private Pause() {}

    /** The usual pause of a poll: 50 ms. */
    public static void poll() throws ControlException {
        of(POLL);
    }

    /** A pause; an interrupt ends the command. */
    public static void of(Duration duration) throws ControlException {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ControlException(Kind.FAILED, "interrupted", stopped);
        }
    }
}

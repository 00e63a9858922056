package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.nio.file.Path;

/** Waits until a daemon that was told to stop is gone, so that the next command can start another in its place. */
final class DaemonEnd {
    private static final int POLLS_MAX = 200;

    private DaemonEnd() {}

    static void await(ControlClient client, Path socket) throws ControlException {
        for (int poll = 0; poll < POLLS_MAX; poll++) {
            if (!client.isAlive()) {
                return;
            }
            Pause.poll();
        }
        throw new ControlException(
                Kind.TIMED_OUT, "the daemon at " + socket + " was told to stop and still runs: look at its log");
    }
}

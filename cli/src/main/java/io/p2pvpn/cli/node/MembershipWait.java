package io.p2pvpn.cli.node;

import io.p2pvpn.cli.Pause;
import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Watches over the control socket how a daemon becomes a member, and says how it went. */
public final class MembershipWait {
    private static final long WAIT_NANOS_MAX = 35_000_000_000L;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LAST_PAUSE = Duration.ofMillis(400);

    private final ControlClient client;
    private final String namespace;
    private final PrintStream err;

    /** Watches this namespace at that daemon. */
    public MembershipWait(ControlClient client, String namespace, PrintStream err) {
        this.client = client;
        this.namespace = namespace;
        this.err = err;
    }

    /**
     * Waits for the end of the joining.
     *
     * @param failed asked between two looks: an exit code when the daemon has ended, null while it runs; it tells why
     * @return the exit code of the command: member, waiting for approval, or the daemon's own
     */
    public int await(Supplier<@Nullable Integer> failed) throws ControlException {
        long startNanos = System.nanoTime();
        Duration pause = FIRST_PAUSE;
        while (System.nanoTime() - startNanos < WAIT_NANOS_MAX) {
            Integer code = failed.get();
            if (code != null) {
                return code;
            }
            NamespaceStatus status = look();
            if (status != null
                    && status.state() != NamespaceState.JOINING
                    && status.state() != NamespaceState.FOUNDING) {
                err.println(StateLines.of(status));
                return exitCode(status.state());
            }
            // Looking costs the daemon time that it needs for joining.
            Pause.of(pause);
            pause = pause.compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
        }
        throw new ControlException(
                Kind.TIMED_OUT,
                "not a member of " + namespace + " yet; the daemon goes on trying: see p2pvpn status and its log");
    }

    private @Nullable NamespaceStatus look() throws ControlException {
        try {
            for (NamespaceStatus each : client.status().namespaces()) {
                if (each.name().equals(namespace)) {
                    return each;
                }
            }
        } catch (ControlException failure) {
            if (failure.kind() != Kind.NO_DAEMON) {
                throw failure;
            }
        }
        return null;
    }

    private static int exitCode(NamespaceState state) {
        return switch (state) {
            case JOINED -> 0;
            case WAITING_APPROVAL -> Kind.WAITING_FOR_APPROVAL.exitCode();
            case REVOKED, EXPIRED -> Kind.NOT_PERMITTED.exitCode();
            case FOUNDING, JOINING -> Kind.TIMED_OUT.exitCode();
        };
    }
}

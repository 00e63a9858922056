package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlBackend;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.DashboardReport;
import io.p2pvpn.vpn.control.DashboardRequest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The switch of a node's local web page: nothing listens until it is asked for. Confined to the node's loop. */
public final class Dashboard {
    private static final DashboardReport CLOSED = new DashboardReport(null, 0);

    private final NodeRuntime runtime;
    private final ControlBackend backend;
    /** Read by whoever ends the node, too. */
    private final AtomicReference<@Nullable DashboardServer> server = new AtomicReference<>();

    private final AtomicBoolean ended = new AtomicBoolean();
    private CompletableFuture<?> opening = CompletableFuture.completedFuture(null);

    /** Of that node, closed. */
    public Dashboard(NodeRuntime runtime, ControlBackend backend) {
        this.runtime = runtime;
        this.backend = backend;
    }

    /** Opens or closes it. */
    public CompletableFuture<DashboardReport> apply(DashboardRequest request) {
        CompletableFuture<DashboardReport> answer = opening.handle((done, failure) -> request)
                .thenCompose(each -> each.stop() ? stop() : open(each.port()));
        opening = answer;
        return answer;
    }

    private CompletableFuture<DashboardReport> stop() {
        return runtime.blocking().call(() -> {
            close();
            return CLOSED;
        });
    }

    private CompletableFuture<DashboardReport> open(int port) {
        DashboardServer open = server.get();
        if (open == null || open.isClosed()) {
            NodeCalls node = new NodeCalls(runtime.timers(), backend);
            Tally tally = new Tally(runtime.timers(), runtime.counters());
            return runtime.blocking()
                    .call(() -> opened(DashboardServer.start(port, node, tally)))
                    .exceptionallyCompose(failure -> CompletableFuture.failedFuture(explained(failure, port)));
        }
        if (port != 0 && port != open.port()) {
            return CompletableFuture.failedFuture(new ControlException(
                    Kind.FAILED, "it is open at port " + open.port() + ": p2pvpn dashboard --stop closes it first"));
        }
        return CompletableFuture.completedFuture(report(open));
    }

    /** Off the loop: whoever ends the node meanwhile must find it. */
    private DashboardReport opened(DashboardServer fresh) throws ControlException {
        server.set(fresh);
        if (ended.get()) {
            close();
            throw new ControlException(Kind.NO_DAEMON, "the node is stopping");
        }
        return report(fresh);
    }

    private static DashboardReport report(DashboardServer open) {
        return new DashboardReport(open.link(), open.port());
    }

    private static Throwable explained(Throwable failure, int port) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof IOException
                ? new ControlException(
                        Kind.FAILED,
                        "cannot listen on port " + port + " of 127.0.0.1 (" + cause.getMessage()
                                + "): choose another with --port, or none",
                        cause)
                : cause;
    }

    /** Closes it for good. Callable from any thread. */
    public void end() {
        ended.set(true);
        close();
    }

    private void close() {
        DashboardServer open = server.getAndSet(null);
        if (open != null) {
            open.close();
        }
    }
}

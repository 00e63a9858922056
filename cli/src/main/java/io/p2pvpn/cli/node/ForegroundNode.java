package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.option.NamespaceName;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A node from start to end in this process: tells its states, gives up a first join that cannot be established, reads
 * its configuration again on SIGHUP if it has any, and leaves gracefully on SIGINT and SIGTERM.
 */
public final class ForegroundNode {
    private static final long FIRST_JOIN_SECONDS_MAX = 30;
    private static final long STOP_SECONDS_MAX = 10;

    private final PrintStream err;
    private final Map<String, String> variables;
    private final ServiceManager manager;
    private final CompletableFuture<@Nullable Void> waiting = new CompletableFuture<>();
    /** The node is where it was asked to be. */
    private volatile boolean ready;

    /** A node whose states are told to {@code err}, and to the service manager that the environment variables name. */
    public ForegroundNode(PrintStream err, Map<String, String> variables) {
        this.err = err;
        this.variables = variables;
        this.manager = ServiceManager.of(variables);
    }

    /**
     * Runs the node until it ends and returns the exit code.
     *
     * @param rereading what SIGHUP has read again; null where that is to end the node as SIGTERM does
     */
    public int run(NodeLauncher launcher, NodeOptions options, @Nullable Rereading rereading) throws ControlException {
        RunningNode node = launcher.start(options, new Teller());
        Watchdog.start(variables, manager, node::responds);
        Thread onSignal = new Thread(() -> stopOnSignal(node), "signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        if (rereading != null) {
            HangUp.handle(() -> reread(node, options, rereading));
        }
        try {
            awaitFirstJoin(node, options.join());
            ready = true;
            manager.ready();
            return await(node);
        } finally {
            forget(onSignal);
        }
    }

    /** Changes the running node, or says why it goes on as it is. Options that it was started with are what counts. */
    private synchronized void reread(RunningNode node, NodeOptions started, Rereading rereading) {
        manager.reloading();
        try {
            NodeOptions changed = rereading.read();
            node.change(changed);
            List<String> waiting = started.differences(changed);
            err.println("the configuration was read again"
                    + (waiting.isEmpty() ? "" : "; for a new start only: " + String.join(", ", waiting)));
        } catch (ControlException wrong) {
            err.println("the configuration stays as it is: " + wrong.getMessage());
        }
        if (ready) {
            manager.ready();
        }
    }

    /** After its hooks a process ends with the signal's own exit code; a node that was told to leave has not failed. */
    private void stopOnSignal(RunningNode node) {
        manager.stopping();
        node.stop();
        int code;
        try {
            code = node.exited().get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException failure) {
            code = Kind.FAILED.exitCode();
        }
        Runtime.getRuntime().halt(code);
    }

    private static void forget(Thread onSignal) {
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException stopping) {
            // The hook ends the process itself; this thread has nothing to say any more.
            assert onSignal.isAlive();
        }
    }

    private void awaitFirstJoin(RunningNode node, @Nullable JoinRequest join) throws ControlException {
        CompletableFuture<?> settled = CompletableFuture.anyOf(node.joined(), node.exited(), waiting);
        try {
            if (join != null && node.isFirstJoin()) {
                settled.get(FIRST_JOIN_SECONDS_MAX, TimeUnit.SECONDS);
            } else {
                settled.get();
            }
        } catch (TimeoutException late) {
            stop(node);
            throw new ControlException(Kind.TIMED_OUT, gaveUp(join), late);
        } catch (ExecutionException failure) {
            stop(node);
            if (failure.getCause() instanceof ControlException known) {
                throw known;
            }
            throw new IllegalStateException(String.valueOf(failure.getCause()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stop(node);
        }
    }

    private static String gaveUp(@Nullable JoinRequest join) {
        if (join == null) {
            return "gave up";
        }
        String late = "could not join " + NamespaceName.parse(join.namespace()).name() + " within "
                + FIRST_JOIN_SECONDS_MAX + " s";
        return join.bootstraps().isEmpty()
                ? late + ": no way into the network was found on this host's own links; name any node of it with"
                        + " --bootstrap HOST:PORT"
                : late + " by " + String.join(", ", join.bootstraps())
                        + ": check the address, and that UDP or TCP to it is not blocked";
    }

    private static void stop(RunningNode node) {
        node.stop();
        try {
            node.exited().get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException unclean) {
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until it ends, or is told while it waits for approval that it will not be let in. */
    private static int await(RunningNode node) throws ControlException {
        CompletableFuture<Object> refused = new CompletableFuture<>();
        var unused = node.joined().whenComplete((joined, failure) -> {
            if (failure != null) {
                refused.completeExceptionally(failure);
            }
        });
        try {
            CompletableFuture.anyOf(node.exited(), refused).join();
            return node.exited().join();
        } catch (CompletionException failure) {
            stop(node);
            if (failure.getCause() instanceof ControlException known) {
                throw known;
            }
            throw new IllegalStateException(String.valueOf(failure.getCause()), failure);
        }
    }

    /** Prints a state when it differs from the last one told. Confined to the node's loop. */
    private final class Teller implements NodeListener {
        private final Map<String, String> told = new LinkedHashMap<>();

        @Override
        public void onNodeState(NodeState state) {
            tell("", StateLines.of(state));
        }

        @Override
        public void onNamespace(NamespaceStatus namespace) {
            tell(namespace.name(), StateLines.of(namespace));
            if (namespace.state() == NamespaceState.WAITING_APPROVAL) {
                waiting.complete(null);
            }
        }

        @Override
        public void onNotice(String line) {
            err.println(line);
        }

        private void tell(String about, String line) {
            if (!line.equals(told.put(about, line))) {
                err.println(line);
                manager.status(line);
            }
        }
    }
}

package io.p2pvpn.vpn.node;

import io.p2pvpn.nat.io.HostGatewayAccess;
import io.p2pvpn.overlay.host.HostException;
import io.p2pvpn.overlay.host.HostOptions;
import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.overlay.host.ListenAddress;
import io.p2pvpn.overlay.host.Passphrase;
import io.p2pvpn.overlay.host.StateSealing;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.noise.CipherProvider;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlServer;
import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.node.names.HostNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A p2pvpn node inside this process: the daemon runs one, and so can any application.
 *
 * <pre>{@code
 * try (VpnNode node = VpnNode.builder()
 *         .bootstrap("203.0.113.5:4001")
 *         .namespace("lab")
 *         .stateDirectory(path)
 *         .build()
 *         .start()) {
 *     node.joined().join();
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class VpnNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VpnNode.class);
    private static final String IDENTITY = "identity";
    private static final String PORT = "port";
    /** Where a node keeps what is sealed if it has a passphrase. */
    private static final Set<String> PLACES =
            Set.of(IDENTITY, KnownPeers.NAME, "namespaces/", "issuer/", "trust/", "guests/");

    private static final long OPEN_SECONDS_MAX = 10;
    private static final long CLOSE_SECONDS_MAX = 8;

    private final VpnNodeOptions options;
    private final VpnNodeListener listener;
    private final CompletableFuture<@Nullable Void> joined = new CompletableFuture<>();
    private final CompletableFuture<Integer> exited = new CompletableFuture<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private @Nullable HostRuntime runtime;
    private @Nullable NodeDaemon daemon;
    private @Nullable ControlServer server;
    private @Nullable NodeBackend backend;
    private boolean firstJoin;
    private volatile int exitCode;

    VpnNode(VpnNodeOptions options, VpnNodeListener listener) {
        this.options = options;
        this.listener = listener;
    }

    /** What a node is made of, step by step. */
    public static VpnNodeBuilder builder() {
        return new VpnNodeBuilder();
    }

    /**
     * Opens sockets and state, and begins to join.
     *
     * @throws ControlException when the host refuses: nothing half-made is left behind
     */
    public VpnNode start() throws ControlException {
        HostRuntime opened = openRuntime();
        runtime = opened;
        tellCiphers(opened);
        try {
            firstJoin = opened.store().list("namespaces/").isEmpty();
            Identity identity = identity(opened);
            keepPort(opened);
            LinuxDevices devices = new LinuxDevices(
                    opened, new HostNames(opened, options.names(), options.stateDirectory(), listener::onNotice));
            CompletableFuture<NodeDaemon> made = new CompletableFuture<>();
            opened.timers().execute(() -> {
                try {
                    made.complete(new NodeDaemon(
                            opened,
                            identity,
                            devices,
                            devices::deviceNames,
                            options.relayLimits(),
                            options.punchBudget(),
                            listener));
                } catch (RuntimeException e) {
                    made.completeExceptionally(e);
                }
            });
            NodeDaemon running = await(made);
            daemon = running;
            Path socket = options.controlSocket();
            if (socket != null) {
                NodeBackend offered = new NodeBackend(running, options.log(), this::stop);
                backend = offered;
                server = await(ControlServer.start(opened.eventLoop(), socket, offered, opened.counters()));
            }
            opened.timers().execute(() -> {
                Completions.whenDone(opened.timers(), running.joined(), (done, failure) -> {
                    if (failure == null) {
                        joined.complete(null);
                    } else {
                        joined.completeExceptionally(failure);
                    }
                });
                running.mapPorts(new HostGatewayAccess(opened), options.portMapping());
                running.start(options.bootstraps(), options.namespace(), options.lanDiscovery());
            });
            return this;
        } catch (ControlException refused) {
            opened.close();
            throw refused;
        }
    }

    /** Finds the ciphers before anything waits for them, and says which they are. */
    private static void tellCiphers(HostRuntime runtime) {
        CipherProvider ciphers = CipherProvider.best();
        runtime.timers()
                .execute(() ->
                        runtime.counters().counter("cipher." + ciphers.name()).increment());
        if (ciphers.refusal() != null) {
            LOG.warn("not used, the Java platform's ciphers are instead: {}", ciphers.refusal());
        }
        LOG.debug("ciphers of frames: {}", ciphers.name());
    }

    private HostRuntime openRuntime() throws ControlException {
        Passphrase passphrase = options.passphrase();
        // The port is wanted before the directory is open.
        StateSealing sealing = passphrase == null ? null : new StateSealing(passphrase, PLACES, Set.of(PORT));
        int lastPort = options.listen().isEmpty() ? lastPort() : 0;
        if (lastPort != 0) {
            try {
                return openRuntime(sealing, List.of(ListenAddress.anyAddress(lastPort)));
            } catch (ControlException taken) {
                // Somebody else has it now: any other port will do.
                LOG.debug("port {} is taken", lastPort);
            }
        }
        return openRuntime(
                sealing, options.listen().isEmpty() ? List.of(ListenAddress.anyAddress(0)) : options.listen());
    }

    private HostRuntime openRuntime(@Nullable StateSealing sealing, List<ListenAddress> listen)
            throws ControlException {
        try {
            return HostRuntime.open(HostOptions.of(options.stateDirectory(), 0)
                    .withSealing(sealing)
                    .withListen(listen)
                    .withStreams(options.streams())
                    .withInterfaces(options.interfaces())
                    .withQueues(options.queues())
                    .withOnFailure(this::onBrokenInvariant));
        } catch (HostException e) {
            throw new ControlException(
                    e.isNotPermitted() ? ControlException.Kind.NOT_PERMITTED : ControlException.Kind.FAILED,
                    String.valueOf(e.getMessage()),
                    e);
        }
    }

    /** The port of last time, so that peers, firewalls and port forwards find the node again; 0 if there is none. */
    private int lastPort() {
        try {
            String text = Files.readString(options.stateDirectory().resolve(PORT), StandardCharsets.US_ASCII);
            return text.matches("[1-9][0-9]{0,4}") && Integer.parseInt(text) <= 65_535 ? Integer.parseInt(text) : 0;
        } catch (IOException never) {
            return 0;
        }
    }

    private static void keepPort(HostRuntime runtime) throws ControlException {
        for (Endpoint bound : runtime.transport().boundEndpoints()) {
            if (bound.kind() == Endpoint.Kind.UDP) {
                write(runtime, PORT, String.valueOf(bound.port()).getBytes(StandardCharsets.US_ASCII));
                return;
            }
        }
    }

    /** The node does not go on with a state that cannot be. */
    private void onBrokenInvariant(Throwable failure) {
        LOG.error("stopping: a fault in the program", failure);
        exitCode = ControlException.Kind.FAILED.exitCode();
        stop(false);
    }

    private static Identity identity(HostRuntime runtime) throws ControlException {
        byte[] kept = runtime.store().read(IDENTITY);
        if (kept != null) {
            Identity identity = Identity.parse(kept);
            if (identity == null) {
                throw new ControlException(
                        ControlException.Kind.FAILED,
                        "the identity in the state directory is "
                                + (Identity.isOfLaterVersion(kept)
                                        ? "of a later version of p2pvpn: install that, or remove"
                                        : "damaged: restore it from a backup, or remove")
                                + " the whole directory to start as a new node");
            }
            return identity;
        }
        Identity fresh = Identity.generate(runtime.keys());
        write(runtime, IDENTITY, fresh.encode());
        return fresh;
    }

    private static void write(HostRuntime runtime, String name, byte[] content) throws ControlException {
        try {
            await(runtime.store().write(name, content));
        } catch (ControlException e) {
            throw new ControlException(
                    ControlException.Kind.FAILED,
                    "cannot write the state directory: " + e.getMessage() + ": make room there, or choose another with"
                            + " --state",
                    e);
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws ControlException {
        try {
            return future.get(OPEN_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            if (cause instanceof ControlException known) {
                throw known;
            }
            String text = cause instanceof IOException ? cause.getMessage() : String.valueOf(cause);
            throw new ControlException(ControlException.Kind.FAILED, String.valueOf(text), e);
        } catch (TimeoutException e) {
            throw new ControlException(ControlException.Kind.TIMED_OUT, "the host did not answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException(ControlException.Kind.FAILED, "interrupted", e);
        }
    }

    /**
     * Takes over what can change while the node runs: bootstrap nodes, what it forwards for others, and what network
     * interfaces may be used for. Nothing else of {@code changed} is looked at.
     */
    public void change(VpnNodeBuilder changed) {
        HostRuntime running = runtime;
        NodeDaemon node = daemon;
        if (running == null || node == null || stopping.get()) {
            return;
        }
        running.timers().execute(() -> {
            running.setInterfaceRules(changed.interfaceRules());
            node.change(changed.bootstrapTargets(), changed.relayLimits());
        });
    }

    /** Completes once the node is a member of its namespace (or in the public ring, if it was given none). */
    public CompletableFuture<@Nullable Void> joined() {
        return joined;
    }

    /** True if the state directory has never been a member of anything. */
    public boolean isFirstJoin() {
        return firstJoin;
    }

    /** What the node is and how it fares; completes on its loop. */
    public CompletableFuture<StatusReport> status() {
        CompletableFuture<StatusReport> status = new CompletableFuture<>();
        HostRuntime running = runtime;
        NodeDaemon node = daemon;
        if (running == null || node == null || stopping.get()) {
            status.completeExceptionally(
                    new ControlException(ControlException.Kind.NO_DAEMON, "the node does not run"));
        } else {
            running.timers().execute(() -> status.complete(Reports.status(node)));
        }
        return status;
    }

    /**
     * A namespace that this node is in, or joins, for the application to use.
     *
     * @throws IllegalStateException before the node was started
     */
    public VpnNamespace namespace(String name) {
        NodeDaemon node = daemon;
        if (node == null) {
            throw new IllegalStateException("the node was not started");
        }
        return node.namespace(name);
    }

    /** Completes on the node's loop, as soon as that has time: never, if it is stuck. */
    public CompletableFuture<@Nullable Void> responds() {
        CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();
        HostRuntime running = runtime;
        if (running != null) {
            running.timers().execute(() -> answer.complete(null));
        }
        return answer;
    }

    /** Completes with the process's exit code when the node has ended. */
    public CompletableFuture<Integer> exited() {
        return exited;
    }

    /** Leaves the rings, removes device and control socket; {@link #exited} completes when that is done. Idempotent. */
    public void stop() {
        stop(false);
    }

    private void stop(boolean forGood) {
        HostRuntime running = runtime;
        NodeDaemon node = daemon;
        if (running == null || node == null || !stopping.compareAndSet(false, true)) {
            return;
        }
        running.timers().execute(() -> {
            CompletableFuture<?> ended = node.stop(forGood).orTimeout(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
            Completions.whenDone(running.timers(), ended, (done, failure) -> end(running));
        });
    }

    private void end(HostRuntime running) {
        Thread closer = new Thread(
                () -> {
                    ControlServer open = server;
                    if (open != null) {
                        open.close();
                    }
                    NodeBackend asked = backend;
                    if (asked != null) {
                        asked.close();
                    }
                    running.close();
                    exited.complete(exitCode);
                },
                "p2pvpn-close");
        closer.start();
    }

    /** Stops, and waits for the end. */
    @Override
    public void close() {
        stop();
        if (daemon != null) {
            exited.join();
        }
    }
}

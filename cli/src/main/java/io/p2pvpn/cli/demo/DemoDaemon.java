package io.p2pvpn.cli.demo;

import io.p2pvpn.cli.Pause;
import io.p2pvpn.cli.node.SameProgram;
import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One daemon of the demo: a child process with state and socket of its own. */
final class DemoDaemon {
    static final String NAMESPACE = "demo";
    private static final String BOOTSTRAP_PORT = "4001";
    private static final long JOIN_NANOS_MAX = 60_000_000_000L;

    private final DemoPlan.Host host;
    private final Path log;
    private final Path socket;
    private final Process process;

    private DemoDaemon(DemoPlan.Host host, Path home, Process process) {
        this.host = host;
        this.log = home.resolve("log");
        this.socket = home.resolve("s");
        this.process = process;
    }

    /** Starts the rendezvous node. */
    static DemoDaemon startBootstrap(DemoNetwork network, DemoPlan plan, String mainClass) throws ControlException {
        return start(network, plan.bootstrap(), mainClass, List.of("bootstrap", "--listen", BOOTSTRAP_PORT));
    }

    /** Starts a member. */
    static DemoDaemon startMember(DemoNetwork network, DemoPlan plan, DemoPlan.Host host, String mainClass)
            throws ControlException {
        String bootstrap = plan.bootstrap().address() + ":" + BOOTSTRAP_PORT;
        return start(
                network,
                host,
                mainClass,
                List.of("join", "--bootstrap", bootstrap, "--namespace", NAMESPACE, "--open", "--name", host.name()));
    }

    private static DemoDaemon start(DemoNetwork network, DemoPlan.Host host, String mainClass, List<String> arguments)
            throws ControlException {
        Path home = network.directory().resolve(host.name());
        try {
            Files.createDirectory(home);
        } catch (IOException failure) {
            throw new ControlException(Kind.FAILED, "cannot make " + home + ": " + failure.getMessage(), failure);
        }
        List<String> command = new ArrayList<>(SameProgram.command(mainClass));
        command.addAll(arguments);
        command.addAll(List.of(
                "--state",
                home.resolve("state").toString(),
                "--socket",
                home.resolve("s").toString()));
        Process process = network.start(host, command, home.resolve("log").toFile());
        return new DemoDaemon(host, home, process);
    }

    DemoPlan.Host host() {
        return host;
    }

    Path socket() {
        return socket;
    }

    ControlClient client() {
        return new ControlClient(socket);
    }

    /** Waits until its control socket answers. */
    void awaitUp() throws ControlException {
        long startNanos = System.nanoTime();
        while (!client().isAlive()) {
            pauseOrFail(startNanos, "did not start");
        }
    }

    /** Waits until it is a member with an address. */
    NamespaceStatus awaitMember() throws ControlException {
        long startNanos = System.nanoTime();
        awaitUp();
        while (true) {
            NamespaceStatus status = membership();
            if (status != null) {
                return status;
            }
            pauseOrFail(startNanos, "did not become a member");
        }
    }

    /** Ends it at once, as a crash would. */
    void kill() throws ControlException {
        process.destroyForcibly();
        long startNanos = System.nanoTime();
        while (process.isAlive()) {
            pause(startNanos, "did not die");
        }
    }

    private @Nullable NamespaceStatus membership() throws ControlException {
        for (NamespaceStatus each : client().status().namespaces()) {
            if (each.state() == NamespaceState.JOINED && each.virtualIp() != null) {
                return each;
            }
        }
        return null;
    }

    private void pauseOrFail(long startNanos, String what) throws ControlException {
        if (!process.isAlive()) {
            throw new ControlException(Kind.FAILED, host.name() + " has ended: " + lastLine());
        }
        pause(startNanos, what);
    }

    private void pause(long startNanos, String what) throws ControlException {
        if (System.nanoTime() - startNanos > JOIN_NANOS_MAX) {
            throw new ControlException(Kind.TIMED_OUT, host.name() + " " + what + " in time: " + lastLine());
        }
        Pause.poll();
    }

    private String lastLine() {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
        } catch (IOException unreadable) {
            return "its log cannot be read";
        }
    }
}

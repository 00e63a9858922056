package io.p2pvpn.cli;

import io.p2pvpn.cli.node.NodeLauncher;
import io.p2pvpn.vpn.control.HostUser;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a command sees of the process around it.
 *
 * @param variables environment variables
 * @param root whether it runs as root
 * @param out results
 * @param err everything else
 * @param launcher makes nodes; asked only by the commands that run one
 * @param mainClass what a child process of the same program starts
 * @param arguments the command line as it was given
 */
public record Environment(
        Map<String, String> variables,
        boolean root,
        PrintStream out,
        PrintStream err,
        Supplier<NodeLauncher> launcher,
        String mainClass,
        List<String> arguments) {
    private static final Path SYSTEM_STATE = Path.of("/var/lib/p2pvpn");
    private static final Path SYSTEM_SOCKET = Path.of("/run/p2pvpn/p2pvpn.sock");
    private static final String SOCKET_NAME = "p2pvpn.sock";
    private static final String PROGRAM = "p2pvpn";

    /** One in which no command was given yet. */
    public Environment(
            Map<String, String> variables,
            boolean root,
            PrintStream out,
            PrintStream err,
            Supplier<NodeLauncher> launcher,
            String mainClass) {
        this(variables, root, out, err, launcher, mainClass, List.of());
    }

    /** The same for that command line. */
    Environment withArguments(String... given) {
        return new Environment(variables, root, out, err, launcher, mainClass, List.of(given));
    }

    /** The same, with other output. */
    Environment withOutput(PrintStream other) {
        return new Environment(variables, root, other, err, launcher, mainClass, arguments);
    }

    /** The real one. */
    static Environment ofProcess(Supplier<NodeLauncher> launcher, Class<?> mainClass) {
        return new Environment(
                System.getenv(), HostUser.isRoot(), System.out, System.err, launcher, mainClass.getName());
    }

    /** Where a node keeps its state when nobody says where. */
    public Path defaultState() {
        if (root) {
            return SYSTEM_STATE;
        }
        String stateHome = variables.getOrDefault("XDG_STATE_HOME", "");
        return stateHome.isEmpty()
                ? Path.of(variables.getOrDefault("HOME", "."), ".local", "state", PROGRAM)
                : Path.of(stateHome, PROGRAM);
    }

    /** Where a daemon of this user puts its socket when nobody says where. */
    Path defaultSocket() {
        String chosen = variables.getOrDefault("P2PVPN_SOCKET", "");
        if (!chosen.isEmpty()) {
            return Path.of(chosen);
        }
        if (root) {
            return SYSTEM_SOCKET;
        }
        String runtime = variables.getOrDefault("XDG_RUNTIME_DIR", "");
        return runtime.isEmpty()
                ? defaultState().resolve(SOCKET_NAME)
                : Path.of(runtime, PROGRAM).resolve(SOCKET_NAME);
    }

    /** The daemon that a command means when nobody says which: this user's own, else the host's. */
    public Path defaultDaemon() {
        Path own = defaultSocket();
        boolean chosen = !variables.getOrDefault("P2PVPN_SOCKET", "").isEmpty();
        return !chosen && !Files.exists(own) && Files.exists(SYSTEM_SOCKET) ? SYSTEM_SOCKET : own;
    }

    /** Whether a stack trace is wanted. */
    boolean debug() {
        return "1".equals(variables.get("P2PVPN_DEBUG"));
    }
}

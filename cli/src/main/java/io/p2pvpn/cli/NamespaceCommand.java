package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the namespaces of a node. */
@Command(
        name = "namespace",
        description = "Show the namespaces that this node is in, or one of them.",
        footer = {"  p2pvpn namespace list", "  p2pvpn namespace show lab --json"})
final class NamespaceCommand implements Callable<Integer> {
    /** What can be done. */
    enum Operation {
        LIST,
        SHOW
    }

    /**
     * The document of {@code namespace list} and {@code namespace show}.
     *
     * @param namespaces those that were asked for
     */
    record Document(List<NamespaceStatus> namespaces) {}

    @Parameters(index = "0", paramLabel = "list|show", description = "all of them, or one")
    @SuppressWarnings("NullAway.Init")
    private Operation operation;

    @Parameters(index = "1", paramLabel = "NAME", arity = "0..1", description = "which, of show")
    private @Nullable String name;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    NamespaceCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        if ((operation == Operation.SHOW) == (name == null)) {
            throw new ParameterException(
                    spec.commandLine(), operation == Operation.SHOW ? "a name is missing" : "list takes no name");
        }
        List<NamespaceStatus> shown = new ArrayList<>(socket.client().status().namespaces());
        if (name != null) {
            shown.removeIf(each -> !each.name().equals(name));
            if (shown.isEmpty()) {
                throw new ControlException(
                        Kind.NOT_FOUND, "this node is not in " + name + ": see p2pvpn namespace list");
            }
        }
        environment.out().print(json ? ControlJson.writePretty(new Document(shown)) : text(shown));
        return 0;
    }

    private static String text(List<NamespaceStatus> shown) {
        if (shown.isEmpty()) {
            return "none\n";
        }
        Table table = new Table("", "NAME@HASH", "STATE", "ROLE", "ADDRESS", "MEMBERS", "CERTIFICATE UNTIL");
        for (NamespaceStatus each : shown) {
            table.row(
                    each.name() + (each.id() == null ? "" : "@" + each.id()),
                    each.state().word(),
                    each.role(),
                    Words.orDash(each.virtualIp()),
                    "about " + each.ring().size(),
                    Words.orDash(each.expires()));
        }
        return table.toString();
    }
}

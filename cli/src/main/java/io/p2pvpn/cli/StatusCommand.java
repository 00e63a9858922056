package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what the node is and how it fares. */
@Command(
        name = "status",
        description = "Show this node, its namespaces and what is wrong.",
        footer = {
            "  p2pvpn status",
            "  p2pvpn status --json | jq -r '.namespaces[0].virtualIp'",
            "  until p2pvpn status --check joined; do sleep 1; done"
        })
final class StatusCommand implements Callable<Integer> {
    /** What a script can wait for. */
    enum Check {
        JOINED,
        ONLINE
    }

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Option(
            names = "--check",
            paramLabel = "joined|online",
            description = "print nothing; exit 0 when it is so (joined: every namespace is), 1 when not")
    private @Nullable Check check;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    StatusCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        StatusReport status = socket.client().status();
        if (json) {
            environment.out().print(ControlJson.writePretty(status));
        } else if (check == null) {
            environment.out().print(StatusText.of(status));
        }
        return check == null || holds(check, status) ? 0 : 1;
    }

    private static boolean holds(Check check, StatusReport status) {
        return switch (check) {
            case ONLINE -> status.state() == NodeState.ONLINE;
            case JOINED ->
                !status.namespaces().isEmpty()
                        && status.namespaces().stream().allMatch(each -> each.state() == NamespaceState.JOINED);
        };
    }
}

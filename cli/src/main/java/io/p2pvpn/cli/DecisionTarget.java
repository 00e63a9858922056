package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest;
import io.p2pvpn.vpn.control.DecisionRequest.Operation;
import io.p2pvpn.vpn.option.NamespaceName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** About whom, and in which namespace, something is decided. */
final class DecisionTarget {
    @Parameters(paramLabel = "ID-OR-NAME", description = "its code or ID, or its name")
    @SuppressWarnings("NullAway.Init")
    private String target;

    @Option(names = "--namespace", paramLabel = "NAME", description = "in which (default: the only one)")
    private @Nullable NamespaceName namespace;

    @Mixin
    private final SocketOption socket;

    DecisionTarget(Environment environment) {
        this.socket = new SocketOption(environment);
    }

    DecisionReport decide(Operation operation) throws ControlException {
        return decide(operation, null, null, 0);
    }

    DecisionReport decide(Operation operation, @Nullable String name, @Nullable String role, long validSeconds)
            throws ControlException {
        return socket.client()
                .decide(new DecisionRequest(
                        operation, namespace == null ? null : namespace.name(), target, name, role, validSeconds));
    }
}

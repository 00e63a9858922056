package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.option.NamespaceName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives up lease and admission of one namespace, or of all. */
@Command(
        name = "leave",
        description = {
            "Give up address and membership.",
            "In one namespace, or in all of them; then the daemon stops, too."
        },
        footer = {"  sudo p2pvpn leave --namespace lab", "  sudo p2pvpn leave"})
final class LeaveCommand implements Callable<Integer> {
    @Option(names = "--namespace", paramLabel = "NAME", description = "leave this one only (default: all)")
    private @Nullable NamespaceName namespace;

    @Mixin
    private final SocketOption socket;

    LeaveCommand(Environment environment) {
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        ControlClient client = socket.client();
        client.leave(namespace == null ? null : namespace.toString());
        if (namespace == null) {
            DaemonEnd.await(client, socket.path());
        }
        return 0;
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ServicesReport;
import io.p2pvpn.vpn.control.ServicesRequest;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.option.NamespaceName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a service back. */
@Command(
        name = "unpublish",
        description = "Tell the members of a namespace that this host offers a service no more.",
        footer = "  p2pvpn unpublish ssh")
final class UnpublishCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SERVICE[/udp]", description = "as it was published")
    @SuppressWarnings("NullAway.Init")
    private ServiceType service;

    @Option(names = "--namespace", paramLabel = "NAME", description = "where (default: the only one)")
    private @Nullable NamespaceName namespace;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    UnpublishCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        ServicesReport report = socket.client()
                .services(new ServicesRequest(
                        namespace == null ? null : namespace.name(),
                        ServicesRequest.Operation.UNPUBLISH,
                        service.toString(),
                        0));
        environment.out().print(ServicesCommand.text(report));
        return 0;
    }
}

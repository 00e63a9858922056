package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.ServicesReport;
import io.p2pvpn.vpn.control.ServicesRequest;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.option.NamespaceName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells the members of a service. */
@Command(
        name = "publish",
        description = {
            "Tell the members of a namespace that this host offers a service.",
            "They find it with p2pvpn services, or by DNS as DNS-SD does (_ssh._tcp.NAMESPACE.p2pvpn.internal). It"
                    + " stays published over restarts, until p2pvpn unpublish."
        },
        footer = {"  p2pvpn publish ssh 22", "  p2pvpn publish syslog/udp 514 --namespace lab"})
final class PublishCommand implements Callable<Integer> {
    private static final int PORT_MAX = 65_535;

    @Parameters(paramLabel = "SERVICE[/udp]", description = "what it is, such as ssh or http")
    @SuppressWarnings("NullAway.Init")
    private ServiceType service;

    @Parameters(paramLabel = "PORT", description = "its port here")
    private int port;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--namespace", paramLabel = "NAME", description = "where (default: the only one)")
    private @Nullable NamespaceName namespace;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    PublishCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        if (port < 1 || port > PORT_MAX) {
            throw new ParameterException(spec.commandLine(), "a port is from 1 to " + PORT_MAX);
        }
        ServicesReport report = socket.client()
                .services(new ServicesRequest(
                        namespace == null ? null : namespace.name(),
                        ServicesRequest.Operation.PUBLISH,
                        service.toString(),
                        port));
        environment.out().print(json ? ControlJson.writePretty(report) : ServicesCommand.text(report));
        return 0;
    }
}

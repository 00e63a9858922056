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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows who offers a service. */
@Command(
        name = "services",
        description = {
            "Show which members offer a service.",
            "Without a service: what this host offers (p2pvpn publish)."
        },
        footer = {"  p2pvpn services ssh", "  p2pvpn services --json"})
final class ServicesCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "SERVICE[/udp]", description = "what to look for, such as ssh")
    private @Nullable ServiceType service;

    @Option(names = "--namespace", paramLabel = "NAME", description = "where (default: the only one)")
    private @Nullable NamespaceName namespace;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    ServicesCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        ServicesReport report = socket.client()
                .services(new ServicesRequest(
                        namespace == null ? null : namespace.name(),
                        ServicesRequest.Operation.FIND,
                        service == null ? null : service.toString(),
                        0));
        environment.out().print(json ? ControlJson.writePretty(report) : text(report));
        return 0;
    }

    static String text(ServicesReport report) {
        Table table = new Table("", "SERVICE", "HOST", "PORT");
        for (ServicesReport.Service each : report.services()) {
            table.row(each.service(), each.host(), String.valueOf(each.port()));
        }
        return table.toString();
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.RequestsReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows who waits to be let in. */
@Command(
        name = "requests",
        description = {
            "Show who waits to be let into this node's namespaces.",
            "Compare the code with the one on the newcomer's screen before you approve it."
        },
        footer = {"  p2pvpn requests", "  p2pvpn approve K7QF-2M9D-A0XY"})
final class RequestsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    RequestsCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        RequestsReport report = socket.client().requests();
        environment.out().print(json ? ControlJson.writePretty(report) : text(report));
        return 0;
    }

    private static String text(RequestsReport report) {
        if (report.requests().isEmpty()) {
            return "nobody waits\n";
        }
        Table table = new Table("", "CODE", "NAME", "NAMESPACE", "ID", "WAITING");
        for (RequestsReport.Request each : report.requests()) {
            table.row(
                    each.fingerprint(),
                    each.name(),
                    each.namespace(),
                    Words.id(each.overlayId()),
                    Words.span(each.waitingSeconds()));
        }
        return table.toString();
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.DashboardReport;
import io.p2pvpn.vpn.control.DashboardRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens the daemon's local web page and prints where it is. */
@Command(
        name = "dashboard",
        description = {
            "Open a web page of this node on loopback and print its address.",
            "The address holds the secret that opens the page: do not pass it on.",
            "It closes itself after half an hour in which nobody looked."
        },
        footer = {
            "  p2pvpn dashboard",
            "  p2pvpn dashboard --port 4040        # from elsewhere: ssh -L 4040:127.0.0.1:4040 HOST",
            "  p2pvpn dashboard --stop"
        })
final class DashboardCommand implements Callable<Integer> {
    @Option(names = "--port", paramLabel = "PORT", description = "port on 127.0.0.1 (default: a free one)")
    private int port;

    @Option(names = "--stop", description = "close the page")
    private boolean stop;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    DashboardCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        DashboardReport report = socket.client().dashboard(new DashboardRequest(stop, port));
        if (json) {
            environment.out().print(ControlJson.writePretty(report));
        } else if (report.url() == null) {
            environment.out().println("the dashboard is closed");
        } else {
            environment.out().println(report.url());
        }
        return 0;
    }
}

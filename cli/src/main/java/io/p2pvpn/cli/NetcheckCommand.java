package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.NetcheckReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what the network in front of the node lets through. */
@Command(
        name = "netcheck",
        description = {
            "Show what this network lets through.",
            "UDP, how its NAT boxes behave, IPv6, round trips, and what looking for ways through NAT boxes has cost:"
                    + " what the running node has found out."
        },
        footer = {"  p2pvpn netcheck", "  p2pvpn netcheck --json | jq -r .nat.mapping"})
final class NetcheckCommand implements Callable<Integer> {
    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    NetcheckCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        NetcheckReport report = socket.client().netcheck();
        environment.out().print(json ? ControlJson.writePretty(report) : NetcheckText.of(report));
        return 0;
    }
}

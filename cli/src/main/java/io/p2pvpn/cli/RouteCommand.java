package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.RouteReport;
import io.p2pvpn.vpn.control.RouteReport.RouteHop;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the hops over the ring to a member. */
@Command(
        name = "route",
        description = {
            "Show the hops over the ring to a member.",
            "First packets and look-ups go this way; packets of a session go directly."
        },
        footer = {"  p2pvpn route 10.128.0.7", "  p2pvpn route node2 --json"})
final class RouteCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    @Parameters(paramLabel = "TARGET", description = "virtual IP, name or overlay ID")
    @SuppressWarnings("NullAway.Init")
    private String target;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    RouteCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        String checked;
        try {
            checked = TargetText.parse(target);
        } catch (IllegalArgumentException noTarget) {
            throw new ParameterException(spec.commandLine(), String.valueOf(noTarget.getMessage()), noTarget);
        }
        RouteReport route = socket.client().route(checked, TIMEOUT);
        environment.out().print(json ? ControlJson.writePretty(route) : text(route));
        return route.reached() ? 0 : Kind.TIMED_OUT.exitCode();
    }

    static String text(RouteReport route) {
        String ring = route.namespace() == null ? "the public ring" : "the ring of " + route.namespace();
        StringBuilder text = new StringBuilder("to " + route.overlayId() + " in " + ring + "\n");
        if (route.hops().isEmpty()) {
            return text.append(route.reached() ? "that is this node\n" : "no way from here\n")
                    .toString();
        }
        Table table = new Table("", "HOP", "ID", "NAME", "RTT");
        for (int i = 0; i < route.hops().size(); i++) {
            RouteHop hop = route.hops().get(i);
            String rtt = hop.rttMillis() == null ? "no answer" : Words.millis(hop.rttMillis());
            table.row(String.valueOf(i + 1), Words.id(hop.overlayId()), Words.orDash(hop.name()), rtt);
        }
        text.append(table);
        return route.reached()
                ? text.toString()
                : text.append("not reached: is it online?\n").toString();
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the daemon's counters. */
@Command(
        name = "metrics",
        description = "Print the daemon's counters as Prometheus text.",
        footer = {"  p2pvpn metrics | grep drop"})
final class MetricsCommand implements Callable<Integer> {
    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    MetricsCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        environment.out().print(socket.client().metrics());
        return 0;
    }
}

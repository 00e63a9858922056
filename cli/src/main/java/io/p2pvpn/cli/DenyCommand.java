package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest.Operation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sends somebody away who waits. */
@Command(
        name = "deny",
        description = {"Send somebody away who waits at a namespace's door."},
        footer = {"  p2pvpn deny K7QF-2M9D-A0XY"})
final class DenyCommand implements Callable<Integer> {
    @Mixin
    private final DecisionTarget target;

    private final Environment environment;

    DenyCommand(Environment environment) {
        this.environment = environment;
        this.target = new DecisionTarget(environment);
    }

    @Override
    public Integer call() throws ControlException {
        DecisionReport report = target.decide(Operation.DENY);
        environment.out().println(report.name() + " is sent away from " + report.namespace());
        return 0;
    }
}

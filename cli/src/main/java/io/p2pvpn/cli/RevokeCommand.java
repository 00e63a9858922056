package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest.Operation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Puts a member out. */
@Command(
        name = "revoke",
        description = {
            "Put a member out of a namespace, at once and for good.",
            "What it had let in itself, as an administrator, is out with it."
        },
        footer = {"  p2pvpn revoke db1", "  p2pvpn revoke 10.128.0.7 --namespace lab"})
final class RevokeCommand implements Callable<Integer> {
    @Mixin
    private final DecisionTarget target;

    private final Environment environment;

    RevokeCommand(Environment environment) {
        this.environment = environment;
        this.target = new DecisionTarget(environment);
    }

    @Override
    public Integer call() throws ControlException {
        DecisionReport report = target.decide(Operation.REVOKE);
        environment.out().println(report.name() + " is no member of " + report.namespace() + " any more");
        return 0;
    }
}

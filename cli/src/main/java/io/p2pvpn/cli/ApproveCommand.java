package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.DecisionReport;
import io.p2pvpn.vpn.control.DecisionRequest.Operation;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets somebody in who waits. */
@Command(
        name = "approve",
        description = {
            "Let somebody in who waits at a namespace's door.",
            "Compare its code with the one on its own screen first: p2pvpn requests."
        },
        footer = {"  p2pvpn approve K7QF-2M9D-A0XY", "  p2pvpn approve db1 --role admin"})
final class ApproveCommand implements Callable<Integer> {
    @Mixin
    private final DecisionTarget target;

    @Option(names = "--name", paramLabel = "HOSTNAME", description = "what it is to be called (default: as it asked)")
    private @Nullable String name;

    @Mixin
    private final TermsOptions terms = new TermsOptions();

    private final Environment environment;

    ApproveCommand(Environment environment) {
        this.environment = environment;
        this.target = new DecisionTarget(environment);
    }

    @Override
    public Integer call() throws ControlException {
        DecisionReport report = target.decide(Operation.APPROVE, name, terms.role(), terms.validSeconds());
        environment.out().println(report.name() + " is a member of " + report.namespace());
        return 0;
    }
}

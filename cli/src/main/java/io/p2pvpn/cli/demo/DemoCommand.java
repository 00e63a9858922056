package io.p2pvpn.cli.demo;

import io.p2pvpn.cli.Environment;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows on one host that it works. */
@Command(
        name = "demo",
        description = {
            "Show on this host that it works, and leave nothing behind.",
            "A bootstrap and some members in network namespaces of their own join, ping each other over the VPN, are"
                    + " measured, and go on when the bootstrap is killed. Needs root on Linux."
        },
        footer = {"  sudo p2pvpn demo", "  sudo p2pvpn demo --nodes 8 --json", "  sudo p2pvpn demo --keep"})
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--nodes", paramLabel = "N", description = "how many members (default: ${DEFAULT-VALUE})")
    private int nodes = 3;

    @Option(names = "--keep", description = "leave it running; says how to enter and how to remove it")
    private boolean keep;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    /** A command in this environment. */
    public DemoCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ControlException {
        if (nodes < 2 || nodes > DemoPlan.MEMBERS_MAX) {
            throw new ParameterException(spec.commandLine(), "--nodes must be from 2 to " + DemoPlan.MEMBERS_MAX);
        }
        if (!environment.root() || !System.getProperty("os.name").equals("Linux")) {
            throw new ControlException(
                    Kind.NOT_PERMITTED, "the demo makes network namespaces: it needs root on Linux (sudo p2pvpn demo)");
        }
        DemoPlan plan = DemoPlan.of("p2pdemo-" + ProcessHandle.current().pid(), nodes);
        DemoNetwork network = DemoNetwork.prepare(plan);
        Thread onSignal = new Thread(network::close, "signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try (network) {
            DemoReport report = new DemoRun(plan, network, environment.mainClass(), environment.err()).run();
            environment.out().print(json ? ControlJson.writePretty(report) : DemoText.of(report));
            if (keep) {
                tellHowToUse(plan, network);
            }
            return report.isSuccess() ? 0 : 1;
        }
    }

    private void tellHowToUse(DemoPlan plan, DemoNetwork network) throws ControlException {
        String node = plan.members().get(0).name();
        String netns = plan.members().get(0).netns();
        Path script = network.keep();
        environment
                .err()
                .print("\nIt is left running.\n  enter " + node + ":    sudo ip netns exec " + netns
                        + " bash\n  ask its daemon: "
                        + " sudo p2pvpn status --socket "
                        + network.directory().resolve(node).resolve("s")
                        + "\n  remove it all:  sudo sh " + script + "\n");
    }
}

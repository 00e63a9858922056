package io.p2pvpn.cli.simulate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.p2pvpn.cli.Environment;
import io.p2pvpn.cli.Span;
import io.p2pvpn.simulator.plot.CsvChart;
import io.p2pvpn.simulator.plot.SvgChart;
import io.p2pvpn.simulator.scenario.Scenario;
import io.p2pvpn.simulator.scenario.Scenarios;
import io.p2pvpn.simulator.scenario.Settings;
import io.p2pvpn.simulator.scenario.Simulation;
import io.p2pvpn.simulator.scenario.SimulationException;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs many nodes under virtual time and measures how they fare. */
@Command(
        name = "simulate",
        description = {
            "Run many nodes in this process, under virtual time, and measure how they fare.",
            "They are the nodes that run on hosts; modelled are the network between them and the time. The same"
                    + " settings make the same run, which the digest proves. The exit code is 1 if the ring was ever"
                    + " other than it must be."
        },
        footer = {
            "  p2pvpn simulate join",
            "  p2pvpn simulate coordinates --nodes 490 --svg coordinates.svg",
            "  p2pvpn simulate churn --nodes 50 --duration 10m --json | jq .metrics",
            "  p2pvpn simulate my-scenario.toml --seed 7"
        })
public final class SimulateCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "SCENARIO",
            description =
                    "join, mass-start, private-join, churn, partition, lookup, crawl, coordinates, nat, idle, baseline"
                            + " or converged; or a scenario file (TOML)")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--nodes", paramLabel = "N", description = "how many nodes (default: the scenario's own)")
    private @Nullable Long nodes;

    @Option(names = "--seed", paramLabel = "S", description = "what all draws come from (default: 1)")
    private @Nullable Long seed;

    @Option(
            names = "--duration",
            paramLabel = "SIMULATED",
            description = "simulated time of the part that is measured, for example 90s, 10m or 2h (default: the"
                    + " scenario's own)")
    private @Nullable Span duration;

    @Option(
            names = "--limit",
            paramLabel = "TIME",
            description = "after so much time on the wall clock the part that is measured ends early, for example 90m"
                    + " (scenario churn)")
    private @Nullable Span limit;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw the figures there")
    private @Nullable Path svg;

    @Option(names = "--csv", paramLabel = "FILE", description = "write the points of the figures there, as a table")
    private @Nullable Path csv;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    /** A command in this environment. */
    public SimulateCommand(Environment environment) {
        this.environment = environment;
    }

    /** The names of the scenarios, for people. */
    static String names() {
        return Scenarios.all().stream().map(each -> each.profile().name()).collect(Collectors.joining(", "));
    }

    @Override
    public Integer call() throws ControlException {
        Settings settings = settings();
        checkWritable("--svg", svg);
        checkWritable("--csv", csv);
        if (!environment.variables().containsKey("P2PVPN_LOG")
                && LoggerFactory.getLogger("io.p2pvpn") instanceof Logger ofNodes) {
            ofNodes.setLevel(Level.OFF);
        }
        Simulation.Done done = run(settings);
        environment.out().print(json ? ControlJson.writePretty(done.result()) : ResultText.of(done.result()));
        if (svg != null) {
            write(svg, SvgChart.draw(done.charts()));
        }
        if (csv != null) {
            write(csv, CsvChart.write(done.charts()));
        }
        findings(done).forEach(environment.err()::println);
        return done.result().invariantViolations() == 0 ? 0 : Kind.FAILED.exitCode();
    }

    /** What was found wrong, a line each. */
    static List<String> findings(Simulation.Done done) {
        return Stream.concat(
                        done.violations().stream().map(each -> "violation " + each),
                        done.faults().stream().map(each -> "fault: " + each))
                .toList();
    }

    private Simulation.Done run(Settings settings) throws ControlException {
        Span most = limit;
        if (most != null && !settings.scenario().canEndEarly()) {
            throw wrong("--limit cannot be had with "
                    + settings.scenario().profile().name() + ", which is over when all is done");
        }
        double wallSecondsMax = most == null ? Double.POSITIVE_INFINITY : most.seconds();
        try {
            return Simulation.run(
                    settings, progress -> environment.err().println(ResultText.of(progress)), wallSecondsMax);
        } catch (SimulationException failed) {
            throw new ControlException(Kind.FAILED, String.valueOf(failed.getMessage()), failed);
        } catch (OutOfMemoryError full) {
            throw new ControlException(
                    Kind.FAILED,
                    "so many nodes do not fit into " + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB of heap: take fewer, or set P2PVPN_JAVA_OPTS=-Xmx8g",
                    full);
        }
    }

    private Settings settings() {
        Settings chosen = base();
        Long count = nodes;
        if (count != null) {
            chosen = changed("--nodes", chosen, settings -> settings.withNodes(count));
        }
        if (seed != null) {
            chosen = chosen.withSeed(seed);
        }
        Span span = duration;
        return span == null ? chosen : changed("--duration", chosen, settings -> settings.withSeconds(span.seconds()));
    }

    private Settings base() {
        Scenario scenario = Scenarios.named(name);
        if (scenario != null) {
            return Settings.usual(scenario);
        }
        boolean isFile = name.indexOf('/') >= 0 || name.indexOf('.') >= 0 || Files.exists(Path.of(name));
        if (isFile) {
            return ScenarioFile.read(spec.commandLine(), name);
        }
        throw wrong("'" + name + "' is no scenario (" + names() + "), and there is no such file");
    }

    private Settings changed(String option, Settings settings, UnaryOperator<Settings> change) {
        try {
            return change.apply(settings);
        } catch (IllegalArgumentException refused) {
            throw wrong(option + " " + refused.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** It would be a pity to notice only when all is done. */
    private void checkWritable(String option, @Nullable Path file) {
        Path directory = file == null ? null : file.toAbsolutePath().getParent();
        if (file != null
                && (directory == null
                        || !Files.isDirectory(directory)
                        || Files.isDirectory(file)
                        || !Files.isWritable(Files.exists(file) ? file : directory))) {
            throw wrong(option + " " + file + " cannot be written");
        }
    }

    private static void write(Path file, String text) throws ControlException {
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new ControlException(Kind.FAILED, "cannot write " + file + ": " + failed.getMessage(), failed);
        }
    }
}

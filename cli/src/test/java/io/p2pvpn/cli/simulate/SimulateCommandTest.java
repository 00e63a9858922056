package io.p2pvpn.cli.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.cli.Environment;
import io.p2pvpn.cli.Main;
import io.p2pvpn.simulator.scenario.Progress;
import io.p2pvpn.simulator.scenario.Simulation;
import io.p2pvpn.simulator.scenario.SimulationResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class SimulateCommandTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        Environment environment = new Environment(
                Map.of(),
                false,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> (options, listener) -> null,
                "none");
        return Main.run(environment, arguments);
    }

    private String scenario(String text) throws IOException {
        return Files.writeString(directory.resolve("s.toml"), text).toString();
    }

    @Test
    void limit_ofChurn_endsItEarlyAndTellsHowFarItCame() {
        assertThat(run("simulate", "churn", "--nodes", "10", "--duration", "30d", "--limit", "1s", "--json"))
                .as(err::toString)
                .isZero();
        JsonNode metrics = JsonMapper.shared()
                .readTree(out.toString(StandardCharsets.UTF_8))
                .get("metrics");
        assertThat(metrics.get("churnSeconds").doubleValue()).isLessThan(30 * 86_400);
    }

    @Test
    void findings_areViolationsAndFaults_aLineEach() {
        SimulationResult result = new SimulationResult("churn", 10, 1, 60, 1, 1000, 1, 1, "none", Map.of());
        Simulation.Done done = new Simulation.Done(
                result, List.of(), List.of("at 3.0 s: P6: skipped"), List.of("unanswered: claim 7f", "lost: 8a"));
        assertThat(SimulateCommand.findings(done))
                .containsExactly("violation at 3.0 s: P6: skipped", "fault: unanswered: claim 7f", "fault: lost: 8a");
    }

    @Test
    void limit_ofWhatIsOverWhenAllIsDone_isRefused() {
        assertThat(run("simulate", "join", "--limit", "1h")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("--limit cannot be had with join, which is over when all is done");
    }

    @Test
    void json_smallJoin_isTheDocumentOfTheInterface() throws Exception {
        Path svg = directory.resolve("join.svg");
        Path csv = directory.resolve("join.csv");
        String file = scenario("""
                scenario = "join"
                latency = "10ms"
                joins = 2
                nodes = 99
                """);
        assertThat(run(
                        "simulate",
                        file,
                        "--nodes",
                        "4",
                        "--seed",
                        "7",
                        "--json",
                        "--svg",
                        svg.toString(),
                        "--csv",
                        csv.toString()))
                .as(err::toString)
                .isZero();
        JsonNode document = JsonMapper.shared().readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(document.propertyNames())
                .containsExactly(
                        "schema",
                        "scenario",
                        "nodes",
                        "seed",
                        "simulatedSeconds",
                        "wallSeconds",
                        "events",
                        "peakHeapBytes",
                        "invariantViolations",
                        "digest",
                        "metrics");
        assertThat(document.get("scenario").asString()).isEqualTo("join");
        assertThat(document.get("nodes").asInt()).isEqualTo(4);
        assertThat(document.get("seed").asInt()).isEqualTo(7);
        assertThat(document.at("/metrics/joins").asInt()).isEqualTo(2);
        assertThat(document.at("/metrics/rightSeconds/p50").asDouble()).isPositive();
        assertThat(Files.readString(svg)).startsWith("<svg").contains("</svg>");
        assertThat(Files.readString(csv))
                .startsWith("line,\"seconds since it started\",\"share of the joins\"\n")
                .contains("\"member\",");
    }

    @Test
    void text_smallLookup_hasAFigureInEachLine() throws Exception {
        String file = scenario("""
                scenario = "lookup"
                latency = "10ms"
                loss = 0.01
                jitter = "1ms"
                crypto = "modelled"
                traversal = true
                clock-skew = "90s"
                uplink = 100000
                duration = "2s"
                records = 2
                look-ups-per-second = 2.5
                """);
        assertThat(run("simulate", file, "--nodes", "4")).as(err::toString).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("lookup, 4 nodes, seed 1\n")
                .contains("success share ", "latency seconds ", "invariant violations  0\n", "digest ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scenario = \"join\"\\ncolour = 1|:2: 'colour' is no setting of join",
                "scenario = \"join\"\\n[colour]\\nred = 1|:2: 'colour' is no setting of join",
                "scenario = \"join\"\\nnodes = 0|:2: 'nodes' must be from 2 to 100000",
                "scenario = \"join\"\\nnodes = \"9\"|:2: 'nodes' is a whole number",
                "scenario = \"join\"\\njoins = \"9\"|:2: 'joins' is a number",
                "scenario = \"join\"\\n\\nduration = \"9\"|:3: 'duration' is not right: a time is a number",
                "scenario = \"join\"\\nlatency = \"far\"|:2: 'latency' is \"planetlab\", or is a time like",
                "scenario = \"join\"\\nlatency = \"99s\"|:2: 'latency' must be from 0 to 10s",
                "scenario = \"join\"\\nloss = 0.9|:2: 'loss' must be from 0 to 0.5",
                "scenario = \"join\"\\ncrypto = \"none\"|:2: 'crypto' is \"true\" or \"modelled\"",
                "scenario = \"join\"\\ntraversal = 1|:2: 'traversal' is true or false",
                "scenario = \"join\"\\nuplink = 9|:2: 'uplink' must be 0 (no limit) or at least 1000",
                "scenario = \"join\"\\nclock-skew = \"2d\"|:2: 'clock-skew' must be from 0 to a day",
                "scenario = \"walk\"|:1: 'scenario' is one of join, mass-start",
                "nodes = 9|:1: 'scenario' is missing",
                "scenario = |:1: "
            })
    void scenarioFile_wrong_isExit2AndTheLine(String text, String expected) throws Exception {
        String file = scenario(text.replace("\\n", "\n"));
        assertThat(run("simulate", file)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(file + expected)
                .hasLineCount(1);
        assertThat(out.size()).isZero();
    }

    @Test
    void progress_isOneLine() {
        assertThat(ResultText.of(new Progress(12.4, 250, 660, 1_234_567, 45_000.4, 20)))
                .isEqualTo("12s: 4m 10s of about 11m 0s simulated, 1,234,567 events, 45,000/s, about 20s left");
    }

    @Test
    void names_areThoseOfTheHelp() {
        assertThat(List.of(SimulateCommand.names().split(", ")))
                .containsExactly(
                        "join",
                        "mass-start",
                        "private-join",
                        "churn",
                        "partition",
                        "lookup",
                        "crawl",
                        "coordinates",
                        "nat",
                        "idle",
                        "baseline",
                        "converged");
        assertThat(run("simulate", "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).replaceAll("\\s+", " "))
                .contains("join, mass-start, private-join, churn, partition, lookup, crawl, coordinates, nat, idle,"
                        + " baseline or converged");
    }
}

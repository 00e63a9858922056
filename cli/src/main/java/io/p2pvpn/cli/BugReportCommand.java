package io.p2pvpn.cli;

import io.p2pvpn.cli.doctor.DoctorCommand;
import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.ProgramVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes down what somebody needs to find a fault. */
@Command(
        name = "bugreport",
        description = {
            "Write into one file what somebody needs to find a fault: versions, status, peers, what the network lets"
                    + " through, counters, doctor's findings, the end of the log of --detach.",
            "Keys, invites and passwords are left out. Names and addresses are not, unless --hide-addresses is given:"
                    + " look into the file before you send it."
        },
        footer = {"  sudo p2pvpn bugreport", "  sudo p2pvpn bugreport --hide-addresses report.txt"})
final class BugReportCommand implements Callable<Integer> {
    private static final int LOG_LINES = 500;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "to write (default: p2pvpn-bugreport-TIME.txt)")
    private @Nullable Path file;

    @Option(names = "--hide-addresses", description = "number IP addresses instead of naming them")
    private boolean hideAddresses;

    @Option(names = "--state", paramLabel = "DIR", description = "the daemon's state directory, for its log")
    private @Nullable Path state;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    BugReportCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    /** A part of the report that may not be there. */
    @FunctionalInterface
    private interface Part {
        String text() throws ControlException, IOException;
    }

    @Override
    public Integer call() throws ControlException {
        Path to = file == null
                ? Path.of("p2pvpn-bugreport-"
                        + Instant.now()
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString()
                                .replace(":", "") + ".txt")
                : file;
        String report = new Redaction(hideAddresses).of(report());
        try {
            Files.writeString(to, report, StandardOpenOption.CREATE_NEW);
        } catch (IOException refused) {
            throw new ControlException(
                    ControlException.Kind.FAILED,
                    "cannot write " + to + (Files.exists(to) ? ": it is there already" : ": " + refused.getMessage()),
                    refused);
        }
        environment.out().println("written to " + to + "; look into it before you send it");
        return 0;
    }

    private String report() {
        ControlClient client = socket.client();
        StringBuilder text = new StringBuilder();
        add(text, "versions", BugReportCommand::versions);
        add(text, "status", () -> ControlJson.writePretty(client.status()));
        add(text, "peers", () -> ControlJson.writePretty(client.peers()));
        add(text, "netcheck", () -> ControlJson.writePretty(client.netcheck()));
        add(text, "doctor", this::doctor);
        add(text, "metrics", client::metrics);
        add(text, "log", this::log);
        return text.toString();
    }

    /** What cannot be had is no reason to have nothing. */
    private static void add(StringBuilder text, String title, Part part) {
        text.append("== ").append(title).append('\n');
        try {
            text.append(part.text().stripTrailing()).append("\n\n");
        } catch (ControlException | IOException missing) {
            text.append("(not to be had: ").append(missing.getMessage()).append(")\n\n");
        }
    }

    private static String versions() {
        StringBuilder text = new StringBuilder("p2pvpn " + ProgramVersion.text() + "\n");
        for (String property :
                List.of("java.version", "java.vm.name", "java.vendor", "os.name", "os.version", "os.arch")) {
            text.append(property)
                    .append(' ')
                    .append(System.getProperty(property))
                    .append('\n');
        }
        return text.append("processors ")
                .append(Runtime.getRuntime().availableProcessors())
                .append("\ntime ")
                .append(Instant.now())
                .append('\n')
                .toString();
    }

    private String doctor() throws ControlException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
        var unused = new DoctorCommand(environment.withOutput(printed)).call();
        return out.toString(StandardCharsets.UTF_8);
    }

    private String log() throws IOException {
        Path log = (state == null ? environment.defaultState() : state).resolve("daemon.log");
        if (!Files.exists(log)) {
            return "(no " + log + ": the daemon was not started with --detach; its log is where its output goes)";
        }
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }
}

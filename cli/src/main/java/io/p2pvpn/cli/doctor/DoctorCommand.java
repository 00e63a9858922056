package io.p2pvpn.cli.doctor;

import io.p2pvpn.cli.Environment;
import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.StatusReport.Health;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what on this host would stop a node from working. */
@Command(
        name = "doctor",
        description = {
            "Look for what on this host would stop a node from working, and say how to mend it.",
            "It changes nothing. As root it sees more. The exit code is 1 if something must be mended."
        },
        footer = {"  sudo p2pvpn doctor", "  sudo p2pvpn doctor --json | jq -r '.findings[].code'"})
public final class DoctorCommand implements Callable<Integer> {
    @Option(names = "--state", paramLabel = "DIR", description = "where the node would keep its state")
    private @Nullable Path state;

    @Option(names = "--socket", paramLabel = "FILE", description = "control socket of a daemon to ask as well")
    private @Nullable Path socket;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    private final Environment environment;
    private final HostView host;

    /** A command in this environment, about the host it runs on. */
    public DoctorCommand(Environment environment) {
        this(environment, new LinuxHost());
    }

    DoctorCommand(Environment environment, HostView host) {
        this.environment = environment;
        this.host = host;
    }

    @Override
    public Integer call() throws ControlException {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(new Checkup(host, state == null ? environment.defaultState() : state).run());
        findings.addAll(ofDaemon());
        DoctorReport report = new DoctorReport(List.copyOf(findings));
        environment.out().print(json ? ControlJson.writePretty(report) : text(report));
        return report.isWell() ? 0 : ControlException.Kind.FAILED.exitCode();
    }

    private List<Finding> ofDaemon() throws ControlException {
        ControlClient client = new ControlClient(socket == null ? environment.defaultDaemon() : socket);
        if (!client.isAlive()) {
            return List.of(Finding.info("daemon", "none runs here"));
        }
        List<Health> health = client.status().health();
        if (health.isEmpty()) {
            return List.of(Finding.ok("daemon", "one runs here and has nothing to complain of"));
        }
        return health.stream()
                .map(each -> new Finding(
                        each.code(), Finding.Severity.valueOf(each.severity().name()), each.text()))
                .toList();
    }

    private static String text(DoctorReport report) {
        StringBuilder text = new StringBuilder();
        for (Finding each : report.findings()) {
            text.append(
                    String.format(Locale.ROOT, "%-8s %s: %s\n", each.severity().word(), each.code(), each.text()));
        }
        return text.toString();
    }
}

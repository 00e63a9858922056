package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.LogLevel;
import io.p2pvpn.vpn.control.LogReport;
import io.p2pvpn.vpn.control.LogRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows or sets how much the daemon logs. */
@Command(
        name = "log",
        description = {
            "Show how much the daemon writes to its log, or have it write more or less from now on.",
            "Until it ends; P2PVPN_LOG sets what it starts with."
        },
        footer = {"  p2pvpn log", "  p2pvpn log debug"})
final class LogCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "warn|info|debug", description = "how much from now on")
    private @Nullable LogLevel level;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    private final Environment environment;

    LogCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        LogReport report = socket.client().log(new LogRequest(level));
        environment
                .out()
                .print(json ? ControlJson.writePretty(report) : report.level().word() + "\n");
        return 0;
    }
}

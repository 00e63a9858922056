package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.PingReply;
import io.p2pvpn.vpn.control.PingReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pings a member through the overlay. */
@Command(
        name = "ping",
        description = {"Ping a member through the overlay.", "Shows the path it takes; needs no ICMP and no device."},
        footer = {"  p2pvpn ping 10.128.0.7", "  p2pvpn ping node2 -c 10 -i 0.2"})
final class PingCommand implements Callable<Integer> {
    private static final int COUNT_MAX = 1_000_000;
    private static final double INTERVAL_SECONDS_MIN = 0.01;
    private static final double INTERVAL_SECONDS_MAX = 3600;
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(5);
    private static final long MILLIS_PER_SECOND = 1000;

    @Parameters(paramLabel = "TARGET", description = "virtual IP, name or overlay ID")
    @SuppressWarnings("NullAway.Init")
    private String target;

    @Option(names = "-c", paramLabel = "N", description = "how many (default: ${DEFAULT-VALUE})")
    private int count = 4;

    @Option(names = "-i", paramLabel = "SECONDS", description = "time between two (default: ${DEFAULT-VALUE})")
    private double intervalSeconds = 1;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    PingCommand(Environment environment) {
        this.environment = environment;
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        check();
        List<PingReply> replies = new ArrayList<>();
        ControlClient client = socket.client();
        for (int sequence = 1; sequence <= count; sequence++) {
            if (sequence > 1) {
                Pause.of(Duration.ofMillis((long) (intervalSeconds * MILLIS_PER_SECOND)));
            }
            pingOnce(client, sequence, replies);
        }
        if (json) {
            environment.out().print(ControlJson.writePretty(new PingReport(target, count, replies.size(), replies)));
        } else {
            environment.out().println(summary(replies));
        }
        return replies.isEmpty() ? Kind.TIMED_OUT.exitCode() : 0;
    }

    private void pingOnce(ControlClient client, int sequence, List<PingReply> replies) throws ControlException {
        String line;
        try {
            PingReply reply = client.ping(target, sequence, REPLY_TIMEOUT);
            replies.add(reply);
            line = "reply from " + target + ": seq " + sequence + ", " + Words.millis(reply.rttMillis()) + ", "
                    + path(reply);
        } catch (ControlException failure) {
            if (failure.kind() != Kind.TIMED_OUT) {
                throw failure;
            }
            line = "no reply from " + target + ": seq " + sequence;
        }
        (json ? environment.err() : environment.out()).println(line);
    }

    private static String path(PingReply reply) {
        return reply.via().isEmpty()
                ? reply.path()
                : reply.path() + " via " + reply.via().stream().map(Words::id).collect(Collectors.joining(" "));
    }

    private String summary(List<PingReply> replies) {
        String counts = count + " sent, " + replies.size() + " received";
        if (replies.isEmpty()) {
            return counts + ": is " + target + " online? (p2pvpn peers)";
        }
        DoubleSummaryStatistics rtt =
                replies.stream().mapToDouble(PingReply::rttMillis).summaryStatistics();
        return String.format(
                Locale.ROOT, "%s; min/avg/max %.2f/%.2f/%.2f ms", counts, rtt.getMin(), rtt.getAverage(), rtt.getMax());
    }

    private void check() {
        if (count < 1 || count > COUNT_MAX) {
            throw wrong("-c must be from 1 to " + COUNT_MAX);
        }
        if (!(intervalSeconds >= INTERVAL_SECONDS_MIN && intervalSeconds <= INTERVAL_SECONDS_MAX)) {
            throw wrong("-i must be from " + INTERVAL_SECONDS_MIN + " to " + (int) INTERVAL_SECONDS_MAX + " seconds");
        }
        try {
            target = TargetText.parse(target);
        } catch (IllegalArgumentException noTarget) {
            throw wrong(String.valueOf(noTarget.getMessage()));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

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
import org.jspecify.annotations.Nullable;
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
        footer = {"  p2pvpn ping 10.128.0.7", "  p2pvpn ping node2 -c 10 -i 0.2", "  p2pvpn ping node2 --until-direct"})
final class PingCommand implements Callable<Integer> {
    private static final int COUNT = 4;
    private static final int COUNT_UNTIL_DIRECT = 60;
    private static final int COUNT_MAX = 1_000_000;
    private static final double INTERVAL_SECONDS_MIN = 0.01;
    private static final double INTERVAL_SECONDS_MAX = 3600;
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(5);
    private static final long MILLIS_PER_SECOND = 1000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String DIRECT = "direct";

    @Parameters(paramLabel = "TARGET", description = "virtual IP, name or overlay ID")
    @SuppressWarnings("NullAway.Init")
    private String target;

    @Option(names = "-c", paramLabel = "N", description = "how many (default: 4; 60 with --until-direct)")
    private @Nullable Integer asked;

    @Option(names = "-i", paramLabel = "SECONDS", description = "time between two (default: ${DEFAULT-VALUE})")
    private double intervalSeconds = 1;

    @Option(
            names = "--until-direct",
            description = "end with the first reply over a direct path (exit 0); if none comes, say why (exit 5)")
    private boolean untilDirect;

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
        int count = check();
        List<PingReply> replies = new ArrayList<>();
        ControlClient client = socket.client();
        long startNanos = System.nanoTime();
        int sent = 0;
        while (sent < count && !(untilDirect && isDirect(replies))) {
            if (sent > 0) {
                Pause.of(Duration.ofMillis((long) (intervalSeconds * MILLIS_PER_SECOND)));
            }
            pingOnce(client, ++sent, replies);
        }
        double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
        if (json) {
            environment.out().print(ControlJson.writePretty(new PingReport(target, sent, replies.size(), replies)));
        } else {
            environment.out().println(summary(sent, replies));
        }
        if (untilDirect) {
            (json ? environment.err() : environment.out()).println(outcome(replies, seconds));
        }
        return replies.isEmpty() || (untilDirect && !isDirect(replies)) ? Kind.TIMED_OUT.exitCode() : 0;
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

    private static boolean isDirect(List<PingReply> replies) {
        return !replies.isEmpty() && replies.get(replies.size() - 1).path().equals(DIRECT);
    }

    private String outcome(List<PingReply> replies, double seconds) {
        if (replies.isEmpty()) {
            return target + " has not answered";
        }
        PingReply last = replies.get(replies.size() - 1);
        String reason = last.reason() == null ? last.path() : last.reason();
        return isDirect(replies)
                ? String.format(Locale.ROOT, "%s is reached after %.1f s: %s", target, seconds, reason)
                : String.format(Locale.ROOT, "%s is not reached directly after %.1f s: %s", target, seconds, reason);
    }

    private static String path(PingReply reply) {
        return reply.via().isEmpty()
                ? reply.path()
                : reply.path() + " via " + reply.via().stream().map(Words::id).collect(Collectors.joining(" "));
    }

    private String summary(int sent, List<PingReply> replies) {
        String counts = sent + " sent, " + replies.size() + " received";
        if (replies.isEmpty()) {
            return counts + ": is " + target + " online? (p2pvpn peers)";
        }
        DoubleSummaryStatistics rtt =
                replies.stream().mapToDouble(PingReply::rttMillis).summaryStatistics();
        return String.format(
                Locale.ROOT, "%s; min/avg/max %.2f/%.2f/%.2f ms", counts, rtt.getMin(), rtt.getAverage(), rtt.getMax());
    }

    /** How many pings are asked for. */
    private int check() {
        int usual = untilDirect ? COUNT_UNTIL_DIRECT : COUNT;
        int count = asked == null ? usual : asked;
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
        return count;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}

package io.p2pvpn.cli;

import io.p2pvpn.cli.history.HistoryReport;
import io.p2pvpn.cli.history.HistoryView;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows how consistent a ring was over time. */
@Command(
        name = "history",
        description = {
            "Show how a ring was over time, by what p2pvpn crawl --every has written down.",
            "Needs no daemon."
        },
        footer = {
            "  p2pvpn crawl history",
            "  p2pvpn crawl history --since 30d --window 1d --svg ring.svg",
            "  p2pvpn crawl history --since 7d --parquet crawls.parquet"
        })
final class CrawlHistoryCommand implements Callable<Integer> {
    /** Longer times would begin before there was a clock. */
    private static final Duration SINCE_MAX = Duration.ofDays(36_500);
    /** Windows that a person can look at. */
    private static final long ROWS_MAX = 48;

    private static final long[] USUAL_WINDOWS_SECONDS = {1, 10, 60, 600, 1800, 3600, 21_600, 86_400, 604_800};
    private static final long LONGEST_SECONDS = 2_592_000;

    @Option(names = "--since", paramLabel = "TIME", description = "how far to look back (default: 24h)")
    private Span since = new Span(Duration.ofDays(1));

    @Option(
            names = "--window",
            paramLabel = "TIME",
            description = "time that makes a line (default: such that there are 48 at most)")
    private @Nullable Span window;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw consistency and members there")
    private @Nullable Path svg;

    @Option(
            names = "--parquet",
            paramLabel = "FILE",
            description = "write the crawls there, one row each; needs DuckDB in P2PVPN_CLASS_PATH")
    private @Nullable Path parquet;

    @Mixin
    private final HistoryOption history;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    CrawlHistoryCommand(Environment environment) {
        this.environment = environment;
        this.history = new HistoryOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        if (!spec.commandLine().getParent().getParseResult().matchedOptions().isEmpty()) {
            throw wrong("options of a crawl are not for its history: give those of history behind that word");
        }
        if (since.duration().compareTo(SINCE_MAX) > 0) {
            throw wrong("--since must be 36500d at most");
        }
        HistoryView view = new HistoryView(history.path(), Instant.now().minus(since.duration()));
        HistoryReport report = view.report(windowSeconds());
        environment.out().print(json ? ControlJson.writePretty(report) : HistoryView.text(report));
        if (svg != null) {
            write(svg, HistoryView.svg(report));
        }
        if (parquet != null) {
            view.parquet(parquet);
        }
        return 0;
    }

    private long windowSeconds() {
        Span chosen = window;
        if (chosen != null) {
            return chosen.seconds();
        }
        // The first and the last window are seldom whole.
        return LongStream.of(USUAL_WINDOWS_SECONDS)
                .filter(each -> since.seconds() / each < ROWS_MAX)
                .findFirst()
                .orElse(LONGEST_SECONDS);
    }

    private static void write(Path file, String text) throws ControlException {
        try {
            Files.writeString(file, text);
        } catch (IOException refused) {
            throw new ControlException(
                    Kind.FAILED,
                    "cannot write " + file + ": name a file in a directory that is there and may be written to",
                    refused);
        }
    }

    private ParameterException wrong(String what) {
        return new ParameterException(spec.commandLine(), what);
    }
}

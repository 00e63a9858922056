package io.p2pvpn.cli;

import io.p2pvpn.cli.history.CrawlRecorder;
import io.p2pvpn.cli.history.HistoryWriter;
import io.p2pvpn.crawler.picture.RingPicture;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.option.NamespaceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at all members of a ring. */
@Command(
        name = "crawl",
        description = {
            "Look at all members of a ring: how many answer, and whether they agree who is beside whom.",
            "1 is a consistent ring. Who is missing is told as far as this node knows of members from elsewhere."
        },
        footer = {
            "  p2pvpn crawl",
            "  p2pvpn crawl --namespace lab --lagging wait --timeout 60 --why",
            "  p2pvpn crawl --html ring.html",
            "  p2pvpn crawl --dot",
            "  p2pvpn crawl --every 10m --keep 30d",
            "  p2pvpn crawl history --since 24h"
        })
final class CrawlCommand implements Callable<Integer> {
    private static final double MILLIS_PER_SECOND = 1000;

    /** How members are found. */
    enum MethodWord {
        MAPREDUCE,
        SEQUENTIAL
    }

    /** What members answer. */
    enum ByWord {
        LISTS,
        LOCAL
    }

    /** What becomes of slow members. */
    enum LaggingWord {
        WAIT,
        PARTIAL
    }

    @Option(names = "--namespace", paramLabel = "NAME", description = "which ring (default: the only namespace)")
    private @Nullable NamespaceName namespace;

    @Option(names = "--public", description = "the public ring")
    private boolean publicRing;

    @Option(names = "--method", description = "mapreduce (default): as a tree; sequential: one after the other")
    private MethodWord method = MethodWord.MAPREDUCE;

    @Option(names = "--by", description = "lists (default): what members name; local: they compare, and tell sums")
    private ByWord by = ByWord.LISTS;

    @Option(names = "--lagging", description = "partial (default): what is there in time; wait: to the end")
    private LaggingWord lagging = LaggingWord.PARTIAL;

    @Option(names = "--both-ways", description = "from both sides of each link: twice the messages")
    private boolean bothWays;

    @Option(names = "--pruned", description = "leave out on the way who agrees: for rings of thousands")
    private boolean pruned;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "the whole time, 0.1 to 600 (default: 20)")
    private double timeoutSeconds = CrawlRequest.USUAL_MILLIS / MILLIS_PER_SECOND;

    @Option(names = "--why", description = "look again after 15 s at what does not agree, and say why")
    private boolean why;

    @Option(names = "--json", description = "one JSON document")
    private boolean json;

    @Option(names = "--dot", description = "the ring for Graphviz")
    private boolean dot;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw the ring into that file")
    private @Nullable Path svg;

    @Option(names = "--html", paramLabel = "FILE", description = "a page with the ring, to zoom and search in")
    private @Nullable Path html;

    @Mixin
    private final KeepOptions keep;

    @Mixin
    private final SocketOption socket;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    CrawlCommand(Environment environment) {
        this.environment = environment;
        this.keep = new KeepOptions(environment);
        this.socket = new SocketOption(environment);
    }

    /** The command, and the one for its history. */
    static CommandLine withHistory(Environment environment) {
        return new CommandLine(new CrawlCommand(environment)).addSubcommand(new CrawlHistoryCommand(environment));
    }

    @Override
    public Integer call() throws ControlException {
        CrawlRequest request = request();
        Duration every = keep.every();
        if (every != null) {
            return again(request, every);
        }
        CrawlResult result = keep.isAsked() ? kept(request) : socket.client().crawl(request);
        draw(result);
        environment.out().print(text(result));
        // Whoever waits wants all.
        boolean late = lagging == LaggingWord.WAIT && !result.complete();
        return late ? Kind.TIMED_OUT.exitCode() : 0;
    }

    private int again(CrawlRequest request, Duration every) throws ControlException {
        try (HistoryWriter history = keep.open()) {
            environment.err().println(keep.text());
            new CrawlLoop(environment, history, json).run(socket.client()::crawl, request, every);
        }
        return 0;
    }

    private CrawlResult kept(CrawlRequest request) throws ControlException {
        try (HistoryWriter history = keep.open()) {
            CrawlRecorder.Entry entry =
                    new CrawlRecorder(history, Clock.systemUTC()).record(socket.client()::crawl, request);
            ControlException failure = entry.failure();
            if (failure != null) {
                throw failure;
            }
            return Objects.requireNonNull(entry.result());
        }
    }

    private String text(CrawlResult result) {
        if (json) {
            return ControlJson.writePretty(result);
        }
        return dot ? RingPicture.dot(CrawlPicture.of(result)) : CrawlText.text(result);
    }

    private void draw(CrawlResult result) throws ControlException {
        if (svg != null) {
            write(svg, RingPicture.svg(CrawlPicture.of(result)));
        }
        if (html != null) {
            write(html, RingPicture.html(CrawlPicture.of(result)));
        }
    }

    private static void write(Path file, String picture) throws ControlException {
        try {
            Files.writeString(file, picture);
        } catch (IOException refused) {
            throw new ControlException(
                    Kind.FAILED,
                    "cannot write " + file + ": name a file in a directory that is there and may be written to",
                    refused);
        }
    }

    private CrawlRequest request() {
        double millis = timeoutSeconds * MILLIS_PER_SECOND;
        if (!(millis >= CrawlRequest.MIN_MILLIS && millis <= CrawlRequest.MAX_MILLIS)) {
            throw wrong("--timeout must be from 0.1 to 600 seconds");
        }
        if (publicRing && namespace != null) {
            throw wrong("--public and --namespace are two rings: name one");
        }
        if (json && dot) {
            throw wrong("--json and --dot are two documents: ask for one");
        }
        boolean picture = dot || svg != null || html != null;
        if (picture && (by == ByWord.LOCAL || pruned)) {
            throw wrong("--by local and --pruned bring no lists to draw: leave them out");
        }
        if (keep.every() != null && picture) {
            throw wrong("a picture is of one crawl: leave --every out");
        }
        String fault = keep.fault();
        if (fault != null) {
            throw wrong(fault);
        }
        if (method == MethodWord.SEQUENTIAL && (by == ByWord.LOCAL || bothWays)) {
            throw wrong("a sequential crawl brings lists, one way round");
        }
        if (pruned && (method == MethodWord.SEQUENTIAL || by == ByWord.LOCAL)) {
            throw wrong("--pruned is about the lists of a tree: leave it or the others out");
        }
        return new CrawlRequest(
                namespace == null ? null : namespace.name(),
                publicRing,
                word(method),
                word(by),
                word(lagging),
                bothWays,
                pruned,
                (long) millis,
                why);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private ParameterException wrong(String what) {
        return new ParameterException(spec.commandLine(), what);
    }
}

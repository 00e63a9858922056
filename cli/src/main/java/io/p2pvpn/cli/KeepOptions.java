package io.p2pvpn.cli;

import io.p2pvpn.cli.history.HistoryLimits;
import io.p2pvpn.cli.history.HistoryWriter;
import io.p2pvpn.vpn.control.ControlException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code p2pvpn crawl} is to write down. */
final class KeepOptions {
    private static final Duration USUAL_AGE = Duration.ofDays(30);
    private static final Duration EVERY_MAX = Duration.ofDays(30);
    private static final Duration AGE_MIN = Duration.ofHours(1);
    private static final Duration AGE_MAX = Duration.ofDays(3650);
    private static final long USUAL_MEGABYTES = 1000;
    private static final long MEGABYTES_MAX = 1_000_000;
    private static final long BYTES_PER_MEGABYTE = 1_000_000;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            description = "crawl again and again, for example each 10m, and keep what comes of it; Ctrl-C ends")
    private @Nullable Span every;

    @Option(names = "--keep", paramLabel = "TIME", description = "for how long, by whole days (default: 30d)")
    private @Nullable Span keep;

    @Option(
            names = "--history-size",
            paramLabel = "MB",
            description = "how much at most; the oldest goes first (default: 1000)")
    private @Nullable Long megabytes;

    @Mixin
    private final HistoryOption history;

    KeepOptions(Environment environment) {
        this.history = new HistoryOption(environment);
    }

    /** Whether anything is to be written down. */
    boolean isAsked() {
        return every != null || history.isGiven();
    }

    /** Time between two crawls; null for a single one. */
    @Nullable
    Duration every() {
        return every == null ? null : every.duration();
    }

    /** What is wrong with these options, or null. */
    @Nullable
    String fault() {
        if (!isAsked() && (keep != null || megabytes != null)) {
            return (keep == null ? "--history-size" : "--keep") + " is for --every or --history";
        }
        if (every != null && every.duration().compareTo(EVERY_MAX) > 0) {
            return "--every must be from 1s to 30d";
        }
        if (age().compareTo(AGE_MIN) < 0 || age().compareTo(AGE_MAX) > 0) {
            return "--keep must be from 1h to 3650d";
        }
        return megabytes() < 1 || megabytes() > MEGABYTES_MAX ? "--history-size must be from 1 to 1000000 MB" : null;
    }

    /** The history; this process is the only one that writes to it. */
    HistoryWriter open() throws ControlException {
        return HistoryWriter.open(history.path(), new HistoryLimits(age(), megabytes() * BYTES_PER_MEGABYTE));
    }

    /** Where and for how long, for people. */
    String text() {
        return "crawls are kept in " + history.path() + " for " + Words.span(age().toSeconds()) + ", at most "
                + Words.bytes(megabytes() * BYTES_PER_MEGABYTE);
    }

    private Duration age() {
        return keep == null ? USUAL_AGE : keep.duration();
    }

    private long megabytes() {
        return megabytes == null ? USUAL_MEGABYTES : megabytes;
    }
}

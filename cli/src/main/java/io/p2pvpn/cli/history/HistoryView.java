package io.p2pvpn.cli.history;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** What a history shows from some time on. */
public final class HistoryView {
    /** DuckDB has a buffer of that size for each of its threads. */
    private static final long LINE_BYTES_MAX = 256L << 20;

    private final Path directory;
    private final Instant since;

    /** A view of the history in that directory. */
    public HistoryView(Path directory, Instant since) {
        this.directory = directory;
        this.since = since.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Adds the crawls up.
     *
     * @throws ControlException if there is no history, or more windows than anybody can look at
     */
    public HistoryReport report(long windowSeconds) throws ControlException {
        HistorySummary summary = new HistorySummary(windowSeconds);
        try {
            int unreadable = new HistoryReader(directory).read(since, summary::add);
            return summary.report(since, unreadable);
        } catch (IOException refused) {
            throw unreadable(refused);
        } catch (IllegalArgumentException tooMany) {
            throw new ControlException(
                    Kind.WRONG_USAGE,
                    tooMany.getMessage() + ": take longer ones (--window), or a shorter time",
                    tooMany);
        }
    }

    /** A report as a person reads it. */
    public static String text(HistoryReport report) {
        return HistoryText.of(report);
    }

    /** A report as charts. */
    public static String svg(HistoryReport report) {
        return HistoryChart.of(report);
    }

    /**
     * Writes the crawls as a Parquet file.
     *
     * @throws ControlException if there are none, or no DuckDB is on the class path
     */
    public void parquet(Path target) throws ControlException {
        try {
            List<Path> files = new HistoryReader(directory)
                    .parts(since).stream().map(HistoryPart::file).toList();
            if (files.isEmpty()) {
                throw new ControlException(Kind.NOT_FOUND, "there are no crawls since " + since + " in " + directory);
            }
            ParquetExport.write(files, since, LINE_BYTES_MAX, target);
        } catch (IOException refused) {
            throw unreadable(refused);
        }
    }

    private ControlException unreadable(IOException refused) {
        boolean none = refused instanceof NoSuchFileException || refused instanceof NotDirectoryException;
        return none && !Files.isDirectory(directory)
                ? new ControlException(
                        Kind.NOT_FOUND,
                        "there is no history in " + directory
                                + ": keep one with p2pvpn crawl --every 10m, or name its directory with --history",
                        refused)
                : new ControlException(
                        Kind.FAILED,
                        "cannot read the history in " + directory + " (" + HistoryWriter.reason(refused) + ")",
                        refused);
    }
}

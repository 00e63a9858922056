package io.p2pvpn.cli.history;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;

/** Reads a history, also while one is being written. */
final class HistoryReader {
    private final Path directory;

    HistoryReader(Path directory) {
        this.directory = directory;
    }

    /** The parts that can hold crawls from {@code since} on. */
    List<HistoryPart> parts(Instant since) throws IOException {
        LocalDate first = LocalDate.ofInstant(since, ZoneOffset.UTC);
        return HistoryPart.list(directory).stream()
                .filter(part -> !part.day().isBefore(first))
                .toList();
    }

    /**
     * Hands over each crawl from {@code since} on, in the order in which they were written.
     *
     * @return how many lines cannot be read; one that is cut off at the end of a file may still be in the writing, and
     *     is not among them
     */
    int read(Instant since, Consumer<CrawlPoint> crawls) throws IOException {
        int unreadable = 0;
        for (HistoryPart part : parts(since)) {
            try (InputStream in = Files.newInputStream(part.file())) {
                unreadable += read(new LineStream(in), since.toEpochMilli(), crawls);
            } catch (NoSuchFileException tooOld) {
                // Its time has come between the look into the directory and now.
            }
        }
        return unreadable;
    }

    private static int read(LineStream lines, long sinceMillis, Consumer<CrawlPoint> crawls) throws IOException {
        int unreadable = 0;
        while (lines.next()) {
            CrawlPoint point = CrawlPoint.parse(lines);
            if (point == null) {
                unreadable += lines.isFinished() ? 1 : 0;
            } else if (point.atMillis() >= sinceMillis) {
                crawls.accept(point);
            }
        }
        return unreadable;
    }
}

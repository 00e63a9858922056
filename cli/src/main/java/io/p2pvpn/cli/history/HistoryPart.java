package io.p2pvpn.cli.history;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file of a history: the crawls of one UTC day, or some of them.
 *
 * @param directory where it is
 * @param day whose crawls
 * @param number 1 for the first file of the day
 */
record HistoryPart(Path directory, LocalDate day, int number) implements Comparable<HistoryPart> {
    private static final Pattern NAME = Pattern.compile("crawls-(\\d{4}-\\d{2}-\\d{2})(?:\\.([1-9]\\d{0,8}))?\\.jsonl");
    private static final Comparator<HistoryPart> ORDER =
            Comparator.comparing(HistoryPart::day).thenComparingInt(HistoryPart::number);

    /** The part of that name, or null if it is another file. */
    static @Nullable HistoryPart of(Path file) {
        Path name = file.getFileName();
        Path parent = file.getParent();
        Matcher matcher = NAME.matcher(name == null ? "" : name.toString());
        if (!matcher.matches() || parent == null) {
            return null;
        }
        try {
            String number = matcher.group(2);
            HistoryPart part = new HistoryPart(
                    parent, LocalDate.parse(matcher.group(1)), number == null ? 1 : Integer.parseInt(number));
            // One name for each: crawls-DAY.1.jsonl is not ours.
            return part.file().equals(file) ? part : null;
        } catch (DateTimeException noDay) {
            return null;
        }
    }

    /** The parts in a directory, oldest first. */
    static List<HistoryPart> list(Path directory) throws IOException {
        List<HistoryPart> parts = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                HistoryPart part = of(file);
                if (part != null && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    parts.add(part);
                }
            }
        }
        parts.sort(null);
        return parts;
    }

    Path file() {
        return directory.resolve("crawls-" + day + (number == 1 ? "" : "." + number) + ".jsonl");
    }

    @Override
    public int compareTo(HistoryPart other) {
        return ORDER.compare(this, other);
    }
}

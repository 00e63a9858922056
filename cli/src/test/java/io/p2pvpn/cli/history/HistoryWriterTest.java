package io.p2pvpn.cli.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.vpn.control.ControlException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryWriterTest {
    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");
    private static final HistoryLimits LIMITS = new HistoryLimits(Duration.ofDays(3), 8_000);
    private static final String LOCK = ".lock";

    @TempDir
    private Path directory;

    @Test
    void append_days_haveAFileEach() throws Exception {
        try (HistoryWriter writer = open()) {
            append(writer, NOON, "a");
            append(writer, NOON.plus(Duration.ofHours(11)), "b");
            append(writer, NOON.plus(Duration.ofHours(12)), "c");
        }
        assertThat(files()).containsExactly("crawls-2026-11-30.jsonl", "crawls-2026-12-01.jsonl");
        assertThat(text("crawls-2026-11-30.jsonl")).isEqualTo("a\nb\n");
        assertThat(text("crawls-2026-12-01.jsonl")).isEqualTo("c\n");
    }

    @Test
    void files_areTheOwnersOnly() throws Exception {
        Path inner = directory.resolve("x/y");
        try (HistoryWriter writer = HistoryWriter.open(inner, LIMITS)) {
            append(writer, NOON, "a");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(inner.resolve("crawls-2026-11-30.jsonl"))))
                .isEqualTo("rw-------");
    }

    @Test
    void append_dayIsOld_itsFileGoesAndOthersStay() throws Exception {
        List<String> foreign =
                List.of("crawls-2020-01-01.jsonl.gz", "crawls-2020-13-01.jsonl", "crawls-old.jsonl", "x");
        for (String name : foreign) {
            Files.writeString(directory.resolve(name), "mine\n");
        }
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "mine\n");
        Files.createSymbolicLink(directory.resolve("crawls-2020-01-02.jsonl"), elsewhere);
        Files.createDirectory(directory.resolve("crawls-2020-01-03.jsonl"));
        try (HistoryWriter writer = open()) {
            append(writer, NOON, "a");
            append(writer, NOON.plus(Duration.ofDays(3)), "b");
            assertThat(files()).contains("crawls-2026-11-30.jsonl");
            append(writer, NOON.plus(Duration.ofDays(4)), "c");
        }
        assertThat(files()).doesNotContain("crawls-2026-11-30.jsonl").contains("crawls-2026-12-03.jsonl");
        assertThat(files()).containsAll(foreign).contains("crawls-2020-01-02.jsonl", "crawls-2020-01-03.jsonl");
        assertThat(elsewhere).hasContent("mine");
    }

    @Test
    void append_tooMuch_oldestGoesAndTheBoundHolds() throws Exception {
        try (HistoryWriter writer = open()) {
            for (int i = 0; i < 100; i++) {
                append(writer, NOON.plusSeconds(i), String.valueOf(i % 10).repeat(299));
                assertThat(total()).isLessThanOrEqualTo(LIMITS.bytes());
            }
        }
        assertThat(total()).isGreaterThan(LIMITS.bytes() - 2 * LIMITS.partBytes());
        assertThat(files()).doesNotContain("crawls-2026-11-30.jsonl").contains("crawls-2026-11-30.34.jsonl");
        assertThat(text("crawls-2026-11-30.34.jsonl")).startsWith("9999");
    }

    @Test
    void append_boundLowered_holdsFromThenOn() throws Exception {
        try (HistoryWriter writer = HistoryWriter.open(directory, new HistoryLimits(Duration.ofDays(3), 800_000))) {
            append(writer, NOON, "x".repeat(50_000));
        }
        try (HistoryWriter writer = open()) {
            append(writer, NOON, "a");
        }
        assertThat(total()).isEqualTo(2);
    }

    @Test
    void append_lineBeyondAnEighth_isRefused() throws Exception {
        try (HistoryWriter writer = open()) {
            append(writer, NOON, "x".repeat(999));
            assertThatThrownBy(() -> append(writer, NOON, "x".repeat(1000)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(total()).isEqualTo(1000);
    }

    @Test
    void append_directoryIsGone_isAnErrorAndCanBeRepeated() throws Exception {
        try (HistoryWriter writer = open()) {
            Files.delete(directory.resolve(LOCK));
            Files.delete(directory);
            assertThatThrownBy(() -> append(writer, NOON, "a")).isInstanceOf(IOException.class);
            Files.createDirectory(directory);
            append(writer, NOON, "b");
        }
        assertThat(text("crawls-2026-11-30.jsonl")).isEqualTo("b\n");
    }

    @Test
    void open_lineCutOff_isTakenAway() throws Exception {
        for (int torn : new int[] {1, 100, 65_535, 65_536, 65_537, 200_000}) {
            Path file = directory.resolve("crawls-2026-11-30.jsonl");
            Files.writeString(file, "{\"first\":1}\n{" + "\0".repeat(torn - 1));
            open().close();
            assertThat(file).as("%d bytes", torn).hasContent("{\"first\":1}\n");
            Files.writeString(file, "{".repeat(torn));
            open().close();
            assertThat(file).as("%d bytes", torn).isEmptyFile();
        }
    }

    @Test
    void open_lineFeedCutOff_isAdded() throws Exception {
        String line = "{\"atMillis\":5,\"error\":\"x\"}";
        Files.writeString(directory.resolve("crawls-2026-11-29.jsonl"), line);
        Files.writeString(directory.resolve("crawls-2026-11-30.jsonl"), line + "\n" + line);
        open().close();
        assertThat(text("crawls-2026-11-29.jsonl")).isEqualTo(line + "\n");
        assertThat(text("crawls-2026-11-30.jsonl")).isEqualTo(line + "\n" + line + "\n");
    }

    @Test
    void open_twice_isRefusedUntilTheFirstIsClosed() throws Exception {
        HistoryWriter first = open();
        assertThatThrownBy(this::open)
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("another crawl writes to the history in " + directory)
                .hasMessageContaining("--history");
        append(first, NOON, "a");
        first.close();
        open().close();
    }

    @Test
    void open_aFileIsThere_isRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "");
        assertThatThrownBy(() -> HistoryWriter.open(file, LIMITS))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("cannot keep a history in " + file)
                .hasMessageContaining("--history");
    }

    private HistoryWriter open() throws ControlException {
        return HistoryWriter.open(directory, LIMITS);
    }

    private static void append(HistoryWriter writer, Instant at, String line) throws IOException {
        writer.append(at, line.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(LOCK))
                    .sorted()
                    .toList();
        }
    }

    private long total() throws IOException {
        long total = 0;
        for (String name : files()) {
            total += Files.size(directory.resolve(name));
        }
        return total;
    }

    private String text(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }
}

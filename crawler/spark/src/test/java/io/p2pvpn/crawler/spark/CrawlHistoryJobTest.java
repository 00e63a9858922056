package io.p2pvpn.crawler.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job in Spark's local mode, over the recorded history that {@code HistoryViewTest} reckons, too. */
final class CrawlHistoryJobTest {
    private static final Path RECORDED = Path.of("../src/test/resources/crawl-history");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long HOUR_SECONDS = 3600;

    private static SparkSession session;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        session = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    @Test
    void run_recordedHistory_hasTheFiguresOfTheCommandLine() throws Exception {
        run(RECORDED + "/crawls-*.jsonl", HOUR_SECONDS);
        JsonNode report = JSON.readTree(Files.readString(RECORDED.resolve("report.json")));
        List<String> rings = new ArrayList<>();
        List<String> windows = new ArrayList<>();
        List<String> members = new ArrayList<>();
        for (JsonNode ring : report.get("rings")) {
            rings.add(text(ring, ring.get("total")));
            ring.get("windows").forEach(window -> windows.add(text(ring, window)));
            ring.get("mostMissing").forEach(member -> members.add(text(ring, "missing", member)));
            ring.get("mostLagging").forEach(member -> members.add(text(ring, "lagging", member)));
        }
        assertThat(rings).hasSize(3);
        assertThat(windows).hasSizeGreaterThan(10);
        assertThat(rows("rings").stream().map(row -> text(row, row))).containsExactlyElementsOf(rings);
        assertThat(rows("windows").stream().map(row -> text(row, row))).containsExactlyElementsOf(windows);
        assertThat(rows("members").stream()
                        .map(row -> text(row, row.get("absence").asText(), row)))
                .containsExactlyInAnyOrderElementsOf(members);
    }

    @Test
    void run_oneFile_isEnough() throws Exception {
        run(RECORDED + "/crawls-2026-11-28.jsonl", 86_400);
        assertThat(rows("windows"))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row.get("from").asText()).isEqualTo("2026-11-28T00:00:00.000Z"));
    }

    @Test
    void run_manyCrawls_eachCountsOnce() throws Exception {
        Path input = Files.createDirectory(directory.resolve("in"));
        for (int day = 1; day <= 3; day++) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 10_000; i++) {
                long at = Instant.parse("2026-01-0" + day + "T00:00:00Z").toEpochMilli() + i * 1000L;
                lines.append("{\"atMillis\":").append(at);
                lines.append(",\"namespace\":\"lab\",\"nodes\":4,\"complete\":true,\"consistency\":0.");
                lines.append(i % 10).append("}\n");
            }
            Files.writeString(input.resolve("crawls-2026-01-0" + day + ".jsonl"), lines);
        }
        run(input.toString(), 86_400);
        assertThat(rows("windows")).hasSize(3).allSatisfy(row -> {
            assertThat(row.get("crawls").asInt()).isEqualTo(10_000);
            assertThat(row.get("consistencyMean").asDouble()).isEqualTo(0.45);
            assertThat(row.get("consistencyMin").asDouble()).isZero();
        });
        assertThat(rows("members")).isEmpty();
    }

    @Test
    void run_outputIsThere_isRefused() throws Exception {
        Files.createDirectories(directory.resolve("out/rings"));
        assertThatThrownBy(() -> run(RECORDED.toString(), HOUR_SECONDS)).isInstanceOf(AnalysisException.class);
    }

    @Test
    void windowSeconds_wrongArguments_areNone() {
        assertThat(CrawlHistoryJob.windowSeconds("in", "out")).isEqualTo(HOUR_SECONDS);
        assertThat(CrawlHistoryJob.windowSeconds("in", "out", "60")).isEqualTo(60);
        for (String[] wrong : new String[][] {
            {},
            {"in"},
            {"in", "out", "0"},
            {"in", "out", "-1"},
            {"in", "out", "1h"},
            {"in", "out", "9999999999"},
            {"in", "out", "60", "more"}
        }) {
            assertThat(CrawlHistoryJob.windowSeconds(wrong)).isZero();
        }
    }

    private void run(String input, long windowSeconds) {
        CrawlHistoryJob.run(session, input, directory.resolve("out").toString(), windowSeconds);
    }

    private List<JsonNode> rows(String name) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve("out").resolve(name))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    rows.add(JSON.readTree(line));
                }
            }
        }
        return rows;
    }

    /** A ring or a window of the one or the other document, in the same words. */
    private static String text(JsonNode ring, JsonNode time) {
        StringBuilder text = new StringBuilder(name(ring));
        text.append(' ').append(Instant.parse(time.get("from").asText()));
        text.append(' ').append(time.get("crawls")).append(' ').append(time.get("failed"));
        JsonNode figures = time.has("figures") ? time.get("figures") : time;
        if (time.get("crawls").asInt() > 0) {
            for (String figure : List.of(
                    "consistencyMean",
                    "consistencyMin",
                    "nodesMin",
                    "nodesMax",
                    "missingMax",
                    "laggingMax",
                    "incomplete")) {
                text.append(' ')
                        .append(figure)
                        .append(' ')
                        .append(figures.get(figure).asDouble());
            }
        }
        return text.toString();
    }

    private static String text(JsonNode ring, String absence, JsonNode member) {
        return name(ring) + " " + absence + " " + member.get("id").asText() + " " + member.get("crawls");
    }

    private static String name(JsonNode ring) {
        return ring.get("namespace") + " " + ring.get("publicRing");
    }
}

package io.p2pvpn.cli.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of a recorded history. The Spark job has to come to the same figures ({@code CrawlHistoryJobTest}). */
final class HistoryViewTest {
    private static final Path RECORDED = Path.of("../crawler/src/test/resources/crawl-history");
    private static final long HOUR_SECONDS = 3600;

    @TempDir
    private Path directory;

    @Test
    void report_recordedHistory_isAsReckonedOnce() throws Exception {
        HistoryReport report = new HistoryView(RECORDED, Instant.EPOCH).report(HOUR_SECONDS);
        assertThat(ControlJson.writePretty(report)).isEqualTo(Files.readString(RECORDED.resolve("report.json")));
    }

    @Test
    void report_since_looksAtLaterCrawlsOnly() throws Exception {
        Instant since = Instant.parse("2026-11-29T03:00:00Z");
        HistoryReport report = new HistoryView(RECORDED, since).report(HOUR_SECONDS);
        assertThat(report.rings())
                .hasSize(2)
                .allSatisfy(ring ->
                        assertThat(Instant.parse(ring.windows().get(0).from())).isEqualTo(since));
    }

    @Test
    void report_linesOfAllKinds_countsWhatTheySay() throws Exception {
        Files.writeString(directory.resolve("crawls-1970-01-01.jsonl"), """
                {"atMillis":500,"namespace":"a","nodes":4,"consistency":0.5,"complete":true,"missing":["%1$s","%1$s"]}

                {"atMillis":59999,"namespace":"a","nodes":6,"consistency":1,"complete":false,"lagging":["%1$s"]}
                {"atMillis":60000,"namespace":"a","error":"no daemon"}
                {"atMillis":60000,"namespace":"a","nodes":6,"consistency":1.1,"complete":true}
                {"atMillis":60000,"namespace":"../a","nodes":6,"consistency":1,"complete":true}
                {"atMillis":60000,"namespace":"a","nodes":6,"consistency":1,"missing":["\\u001b[31m"]}
                {"atMillis":-1,"namespace":"a","error":"no daemon"}
                {"atMillis":120000,"namespace":"a","nodes":5,"consistency":1,"complete":true,"x":[{"y":[[]]}]}
                {"atMillis":120001,"namespace":"a","nodes":7,"consist""".formatted("0".repeat(40)));
        HistoryReport report = new HistoryView(directory, Instant.EPOCH).report(60);
        assertThat(report.unreadable()).isEqualTo(5);
        assertThat(HistoryView.text(report)).isEqualTo("""
                a: 3 crawls and 1 that failed since 1970-01-01T00:00:00.500Z, consistency 0.8333, at least 0.5000
                FROM (UTC)           CRAWLS  FAILED  NODES  CONSISTENCY  LOWEST  MISSING  LATE  PARTIAL
                1970-01-01 00:00:00  2       0       4-6    0.7500       0.5000  2        1     1
                1970-01-01 00:01:00  0       1
                1970-01-01 00:02:00  1       0       5      1.0000       1.0000  0        0     0
                most often missing: 00000000 (1)
                most often late: 00000000 (1)
                5 lines cannot be read
                """);
    }

    @Test
    void report_nothingThere_saysSo() throws Exception {
        HistoryReport report = new HistoryView(directory, Instant.EPOCH).report(60);
        assertThat(HistoryView.text(report)).isEqualTo("no crawls since 1970-01-01T00:00:00Z\n");
        assertThat(HistoryView.svg(report)).contains("no crawls since");
        assertThatThrownBy(() -> new HistoryView(directory.resolve("x"), Instant.EPOCH).report(60))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("there is no history in")
                .hasMessageContaining("crawl --every");
    }

    @Test
    void report_windowsWithoutNumber_areRefused() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i <= HistorySummary.WINDOWS_MAX; i++) {
            lines.append("{\"atMillis\":").append(i * 1000L).append(",\"error\":\"x\"}\n");
        }
        Files.writeString(directory.resolve("crawls-1970-01-01.jsonl"), lines);
        assertThat(new HistoryView(directory, Instant.EPOCH).report(2).rings()).hasSize(1);
        assertThatThrownBy(() -> new HistoryView(directory, Instant.EPOCH).report(1))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("--window");
    }

    @Test
    void svg_recordedHistory_hasTwoChartsForEachRing() throws Exception {
        String svg = HistoryView.svg(new HistoryView(RECORDED, Instant.EPOCH).report(HOUR_SECONDS));
        assertThat(svg)
                .contains("lab: consistency", "lab: members", "public ring: consistency", "public ring: members")
                .doesNotContain("no ring");
    }

    @Test
    void parquet_duckDbReadsIt() throws Exception {
        Path target = directory.resolve("it's.parquet");
        new HistoryView(RECORDED, Instant.EPOCH).parquet(target);
        try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = database.createStatement();
                ResultSet found = statement.executeQuery("SELECT count(*), count(error), round(avg(consistency), 6),"
                        + " max(len(missing)), max(len(ring)), typeof(any_value(\"at\")), min(atMillis) FROM '"
                        + target.toString().replace("'", "''") + "' WHERE consistency IS NULL OR consistency <= 1")) {
            HistoryReport report = new HistoryView(RECORDED, Instant.EPOCH).report(HOUR_SECONDS);
            int crawls = report.rings().stream()
                    .mapToInt(ring -> ring.total().crawls())
                    .sum();
            int failed = report.rings().stream()
                    .mapToInt(ring -> ring.total().failed())
                    .sum();
            assertThat(found.next()).isTrue();
            assertThat(found.getInt(1)).isEqualTo(crawls + failed);
            assertThat(found.getInt(2)).isEqualTo(failed);
            double sum = report.rings().stream()
                    .filter(ring -> ring.total().figures() != null)
                    .mapToDouble(ring ->
                            ring.total().crawls() * ring.total().figures().consistencyMean())
                    .sum();
            assertThat(found.getDouble(3)).isCloseTo(sum / crawls, within(2e-6));
            assertThat(found.getInt(4)).isEqualTo(3);
            assertThat(found.getInt(5)).isEqualTo(3);
            assertThat(found.getString(6)).isEqualTo("TIMESTAMP WITH TIME ZONE");
            assertThat(found.getLong(7)).isEqualTo(1_795_902_600_123L);
        }
    }

    @Test
    void parquet_cannotBeWritten_isOneException() {
        assertThatThrownBy(() -> new HistoryView(RECORDED, Instant.EPOCH).parquet(directory.resolve("no/such/x")))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("DuckDB cannot write");
        assertThatThrownBy(() -> new HistoryView(RECORDED, Instant.now()).parquet(directory.resolve("x")))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("there are no crawls since");
    }
}

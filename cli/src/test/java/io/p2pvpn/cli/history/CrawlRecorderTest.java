package io.p2pvpn.cli.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.CrawlRequest;
import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.control.CrawlResult.RingEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CrawlRecorderTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00.123456789Z");
    private static final CrawlRequest REQUEST =
            new CrawlRequest(null, false, "mapreduce", "lists", "partial", false, false, 20_000, false);
    private static final String FAILED = "{\"schema\":1,\"at\":\"2026-11-30T12:00:00.123Z\",\"atMillis\":1796040000123,"
            + "\"publicRing\":%s,\"method\":\"mapreduce\",\"by\":\"lists\",\"namespace\":%s,"
            + "\"error\":\"no \\\"daemon\\\"\"}";

    @TempDir
    private Path directory;

    private HistoryWriter writer;
    private CrawlRecorder recorder;

    @BeforeEach
    void open() throws ControlException {
        writer = HistoryWriter.open(directory, new HistoryLimits(Duration.ofDays(1), 16_000));
        recorder = new CrawlRecorder(writer, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    void record_crawl_isTheDocumentOfTheCommandWithItsTime() throws Exception {
        CrawlRecorder.Entry entry = recorder.record(request -> crawl("lab", 2), REQUEST);
        assertThat(entry.json())
                .startsWith("{\"schema\":1,\"at\":\"2026-11-30T12:00:00.123Z\",\"atMillis\":1796040000123,"
                        + "\"publicRing\":false,\"method\":\"mapreduce\",\"by\":\"lists\",\"namespace\":\"lab\","
                        + "\"nodes\":2,"
                        + "\"consistency\":0.75,\"left1Consistency\":1.0,")
                .contains("\"ring\":[{\"id\":\"")
                .doesNotContain("error", "\n");
        assertThat(lines()).containsExactly(entry.json());
        assertThat(report().total().figures().consistencyMean()).isEqualTo(0.75);
    }

    @Test
    void record_failure_isTheReasonAndTheRingOfBefore() throws Exception {
        assertThat(fail(REQUEST)).isEqualTo(FAILED.formatted(false, null));
        recorder.record(request -> crawl(null, 1), REQUEST);
        assertThat(fail(REQUEST)).isEqualTo(FAILED.formatted(true, null));
        recorder.record(request -> crawl("lab", 1), REQUEST);
        assertThat(fail(REQUEST)).isEqualTo(FAILED.formatted(false, "\"lab\""));
        assertThat(lines()).hasSize(5);
    }

    @Test
    void record_failureOfANamedRing_saysWhich() throws Exception {
        CrawlRequest named = new CrawlRequest("x", false, "mapreduce", "lists", "partial", false, false, 20_000, false);
        CrawlRequest ofPublic =
                new CrawlRequest(null, true, "mapreduce", "lists", "partial", false, false, 20_000, false);
        assertThat(fail(named)).isEqualTo(FAILED.formatted(false, "\"x\""));
        assertThat(fail(ofPublic)).isEqualTo(FAILED.formatted(true, null));
    }

    @Test
    void record_crawlTooLarge_isWrittenDownAsThat() throws Exception {
        CrawlRecorder.Entry entry = recorder.record(request -> crawl("lab", 100), REQUEST);
        assertThat(entry.result()).isNull();
        assertThat(entry.failure())
                .hasMessageContaining("more than an eighth of --history-size")
                .hasMessageContaining("--by local");
        assertThat(lines()).hasSize(1);
        assertThat(report().total().failed()).isEqualTo(1);
    }

    @Test
    void record_historyCannotBeWritten_isSaid() throws Exception {
        Path file = directory.resolve("crawls-2026-11-30.jsonl");
        Path elsewhere = directory.resolve("elsewhere");
        Files.createSymbolicLink(file, elsewhere);
        assertThatThrownBy(() -> recorder.record(request -> crawl("lab", 1), REQUEST))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("the history cannot be written");
        assertThat(elsewhere).doesNotExist();
        Files.delete(file);
        recorder.record(request -> crawl("lab", 1), REQUEST);
        assertThat(lines()).hasSize(1);
    }

    private String fail(CrawlRequest request) throws ControlException {
        CrawlRecorder.Entry entry = recorder.record(
                any -> {
                    throw new ControlException(Kind.NO_DAEMON, "no \"daemon\"");
                },
                request);
        assertThat(entry.failure()).isNotNull();
        return entry.json();
    }

    private List<String> lines() throws Exception {
        return Files.readAllLines(directory.resolve("crawls-2026-11-30.jsonl"));
    }

    private HistoryReport.Ring report() throws ControlException {
        return new HistoryView(directory, Instant.EPOCH).report(3600).rings().get(0);
    }

    private static CrawlResult crawl(String namespace, int nodes) {
        List<RingEntry> ring = IntStream.range(0, nodes)
                .mapToObj(i -> new RingEntry(
                        String.format("%040x", i), "n" + i, List.of(), List.of(), List.of(), List.of(), List.of()))
                .toList();
        return new CrawlResult(
                "mapreduce",
                "lists",
                namespace,
                nodes,
                0.75,
                1,
                0.5,
                12.5,
                4,
                900,
                1,
                0.25,
                true,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                ring);
    }
}

package io.p2pvpn.cli.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever stands in a history, its lines are told apart, and each is a crawl that makes sense or none. */
class CrawlPointFuzzTest {
    private static final Path RECORDED = Path.of("../crawler/src/test/resources/crawl-history");
    private static final int MUTATIONS = 5_000;

    @FuzzTest
    void lines(byte[] bytes) throws IOException {
        List<CrawlPoint> found = new ArrayList<>();
        LineStream lines = new LineStream(new ByteArrayInputStream(bytes));
        int count = 0;
        while (lines.next()) {
            count++;
            found.add(CrawlPoint.parse(lines));
        }
        List<byte[]> alone = split(bytes);
        assertThat(count).isEqualTo(alone.size());
        for (int i = 0; i < count; i++) {
            CrawlPoint point = found.get(i);
            assertThat(point).isEqualTo(CrawlPoint.parse(new ByteArrayInputStream(alone.get(i))));
            if (point != null) {
                assertThat(point.consistency()).isBetween(0.0, 1.0);
                assertThat(point.nodes()).isNotNegative();
                assertThat(point.atMillis()).isBetween(0L, CrawlPoint.AT_MILLIS_MAX);
                assertThat(point.lagging()).allMatch(id -> id.length() == 40);
                assertThat(point.missing()).allMatch(id -> id.length() == 40);
                assertThat(point.ring().toString()).hasSizeLessThan(64).isPrintable();
            }
        }
    }

    private static List<byte[]> split(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i <= bytes.length; i++) {
            boolean end = i == bytes.length;
            if (end ? i > begin : bytes[i] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, begin, i));
                begin = i + 1;
            }
        }
        return lines;
    }

    @Test
    void lines_ofMutatedHistories_doNoHarm() throws IOException {
        Random random = new Random(1);
        byte[] whole = Files.readAllBytes(RECORDED.resolve("crawls-2026-11-28.jsonl"));
        byte[] recorded = Arrays.copyOf(whole, Math.min(whole.length, 4000));
        byte[] signs = "{}[]\",:\n\\0-e".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = recorded.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                int at = random.nextInt(bytes.length);
                bytes[at] = random.nextBoolean() ? signs[random.nextInt(signs.length)] : (byte) random.nextInt(256);
            }
            lines(bytes);
        }
    }
}

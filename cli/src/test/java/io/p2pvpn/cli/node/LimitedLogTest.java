package io.p2pvpn.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitedLogTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private long nanos = 7;
    private final PrintStream log = new PrintStream(new LimitedLog(written, () -> nanos), true, StandardCharsets.UTF_8);

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void lines_beyondTheBurst_areLeftOutAndCounted() {
        for (int i = 0; i < LimitedLog.LINES_MAX + 5; i++) {
            log.print("line " + i + "\n");
        }
        assertThat(lines()).hasSize(LimitedLog.LINES_MAX).endsWith("line " + (LimitedLog.LINES_MAX - 1));
        nanos += LimitedLog.INTERVAL_NANOS;
        log.print("one\n");
        log.print("two\n");
        assertThat(lines()).hasSize(LimitedLog.LINES_MAX + 2).endsWith("(5 lines left out)", "one");
        nanos += 2 * LimitedLog.INTERVAL_NANOS;
        log.print("three\n");
        log.print("four\n");
        assertThat(lines()).endsWith("one", "(1 lines left out)", "three", "four");
    }

    @Test
    void aLine_withoutAnEnd_isNotKeptForEver() {
        log.print("x".repeat(3 * LimitedLog.LINE_BYTES_MAX));
        assertThat(written.size()).isEqualTo(3 * LimitedLog.LINE_BYTES_MAX);
    }
}

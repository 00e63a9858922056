package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import org.junit.jupiter.api.Test;

class DhtOracleTest {
    private final DhtOracle.Entry entry =
            new DhtOracle.Entry(OverlayId.of(new byte[20]), OverlayId.of(new byte[20]), false);

    @Test
    void entry_thatWasWritten_isThatValueAndNoOther() {
        entry.begin("a");
        assertThat(entry.isSettled()).isFalse();
        entry.end(true, 10);
        assertThat(entry.isSettled()).isTrue();
        assertThat(entry.mayAnswer("a", 10)).isTrue();
        assertThat(entry.mayAnswer("b", 10)).isFalse();
        assertThat(entry.mayAnswer(null, 10)).isFalse();
        assertThat(entry.mayAnswer(null, 9)).isTrue();
    }

    @Test
    void entry_whoseNextWriteFailed_isEither() {
        entry.begin("a");
        entry.end(true, 10);
        entry.begin("b");
        assertThat(entry.isSettled()).isFalse();
        entry.end(false, 20);
        assertThat(entry.isSettled()).isFalse();
        assertThat(entry.mayAnswer("a", 30)).isTrue();
        assertThat(entry.mayAnswer("b", 30)).isTrue();
        entry.begin("c");
        entry.end(true, 40);
        assertThat(entry.isSettled()).isTrue();
        assertThat(entry.mayAnswer("b", 40)).isFalse();
        assertThat(entry.acknowledged(40)).isEqualTo("c");
    }
}

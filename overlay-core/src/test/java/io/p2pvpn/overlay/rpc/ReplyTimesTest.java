package io.p2pvpn.overlay.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplyTimesTest {
    private static final long MILLI_NANOS = 1_000_000L;

    private final ReplyTimes times = new ReplyTimes();

    private void reply(int count, long millis) {
        for (int i = 0; i < count; i++) {
            times.onReply(millis * MILLI_NANOS);
        }
    }

    @Test
    void patience_beforeAnyReply_isNone() {
        assertThat(times.patienceNanos()).isZero();
    }

    @Test
    void patience_firstReply_isThreeTimesItsTime() {
        reply(1, 200);
        assertThat(times.patienceNanos()).isEqualTo(600 * MILLI_NANOS);
    }

    @Test
    void patience_steadyReplies_comesCloseToTheirTime() {
        reply(100, 800);
        assertThat(times.patienceNanos()).isBetween(800 * MILLI_NANOS, 820 * MILLI_NANOS);
    }

    @Test
    void patience_slowerReplies_growsAndShrinksAgain() {
        reply(50, 100);
        long before = times.patienceNanos();
        reply(5, 900);
        assertThat(times.patienceNanos()).isGreaterThan(900 * MILLI_NANOS);
        reply(100, 100);
        assertThat(times.patienceNanos()).isBetween(100 * MILLI_NANOS, before + 10 * MILLI_NANOS);
    }

    @Test
    void patience_repliesOfManyTries_isBounded() {
        reply(50, 60_000);
        assertThat(times.patienceNanos()).isEqualTo(ReplyTimes.PATIENCE_MAX_NANOS);
    }
}

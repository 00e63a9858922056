package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SendGovernorTest {
    private static final long MILLI = 1_000_000;
    private static final int BATCH = 64 << 10;

    private final SendGovernor governor = new SendGovernor();
    private long nowNanos = 1;
    private long takenBytes;

    /** An interface of so many bytes a millisecond takes from a socket that is never empty. */
    private void saturate(int bytesPerMilli, int millis) {
        long end = nowNanos + millis * MILLI;
        while (nowNanos < end) {
            governor.onRefused(nowNanos, takenBytes);
            takenBytes += BATCH;
            nowNanos += BATCH * MILLI / bytesPerMilli;
            governor.onFlush(nowNanos, takenBytes, false, true);
        }
    }

    private static int bytesOf(int bytesPerMilli) {
        return (int) (bytesPerMilli * SendGovernor.WAIT_NANOS / MILLI);
    }

    @Test
    void neverRefused_leavesTheFirstLimitAndAsksForNothing() {
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_AT_FIRST);
        assertThat(governor.isWatching()).isFalse();
    }

    @Test
    void refused_once_saysNothingYet() {
        governor.onRefused(nowNanos, 1 << 20);
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_AT_FIRST);
        assertThat(governor.isWatching()).isTrue();
    }

    @Test
    void saturated_whatTheRateSendsInItsTimeWithinBounds() {
        saturate(125_000, 100);
        assertThat(governor.limitBytes()).isBetween(bytesOf(125_000) * 2 / 3, bytesOf(125_000) * 3 / 2);
        SendGovernor slow = new SendGovernor();
        slow.onRefused(0, 0);
        slow.onRefused(800 * MILLI, 1_000_000);
        assertThat(slow.limitBytes()).isEqualTo(SendGovernor.BYTES_MIN);
        SendGovernor quick = new SendGovernor();
        quick.onRefused(0, 0);
        quick.onRefused(8 * MILLI, 20_000_000);
        assertThat(quick.limitBytes()).isEqualTo(SendGovernor.BYTES_MAX);
    }

    @Test
    void saturated_rateFalls_limitFollowsSlowly() {
        saturate(250_000, 100);
        int before = governor.limitBytes();
        saturate(50_000, 8);
        assertThat(governor.limitBytes()).isEqualTo(before);
        saturate(50_000, 500);
        assertThat(governor.limitBytes()).isBetween(bytesOf(50_000) * 2 / 3, bytesOf(50_000) * 3 / 2);
    }

    @Test
    void saturated_rateRises_limitFollowsSoon() {
        saturate(12_500, 200);
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_MIN);
        saturate(125_000, 60);
        assertThat(governor.limitBytes()).isBetween(bytesOf(125_000) * 2 / 3, bytesOf(125_000) * 3 / 2);
    }

    @Test
    void pauseBetweenBursts_isNotTakenForASlowInterface() {
        saturate(125_000, 100);
        int before = governor.limitBytes();
        nowNanos += 2000 * MILLI;
        governor.onFlush(nowNanos, takenBytes, true, false);
        saturate(125_000, 20);
        assertThat(governor.limitBytes()).isEqualTo(before);
    }

    @Test
    void dryAlthoughSomethingWaited_someMoreMayWait_untilThatIsOver() {
        saturate(50_000, 100);
        int before = governor.limitBytes();
        governor.onFlush(nowNanos, takenBytes, true, false);
        assertThat(governor.limitBytes()).isEqualTo(before);
        for (int i = 0; i < 100; i++) {
            governor.onFlush(nowNanos, takenBytes, true, true);
        }
        assertThat(governor.limitBytes()).isBetween(3 * before, 5 * before);
        saturate(50_000, 1000);
        assertThat(governor.limitBytes()).isBetween(before * 2 / 3, before * 3 / 2);
    }

    @Test
    void alwaysDryWhenLookedAt_limitGrowsWithoutAnyRate() {
        runDry(BATCH, 20);
        assertThat(governor.limitBytes()).isEqualTo(4 * SendGovernor.BYTES_AT_FIRST);
    }

    /** The interface has sent everything a millisecond after the socket was full, each time. */
    private void runDry(int bytes, int times) {
        for (int i = 0; i < times; i++) {
            governor.onRefused(nowNanos, takenBytes);
            nowNanos += MILLI;
            takenBytes += bytes;
            governor.onFlush(nowNanos, takenBytes, true, true);
        }
    }

    @Test
    void alwaysDrySinceTheInterfaceIsMuchQuicker_limitFollows() {
        saturate(1_250, 1000);
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_MIN);
        runDry(300_000, 40);
        assertThat(governor.limitBytes()).isGreaterThan(bytesOf(300_000) * 2 / 3);
    }

    @Test
    void calm_forgetsAll() {
        saturate(12_500, 200);
        governor.onRefused(nowNanos, takenBytes);
        nowNanos += SendGovernor.CALM_NANOS - MILLI;
        governor.onFlush(nowNanos, takenBytes, true, false);
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_MIN);
        nowNanos += 100 * MILLI;
        governor.onFlush(nowNanos, takenBytes, true, false);
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_AT_FIRST);
        assertThat(governor.isWatching()).isFalse();
    }

    @Test
    void severalRefusalsAtOnce_makeNoRate() {
        saturate(12_500, 200);
        for (int i = 0; i < 100; i++) {
            takenBytes += BATCH;
            nowNanos += 1000;
            governor.onRefused(nowNanos, takenBytes);
        }
        // 6.5 MB in 0.1 ms: the next refusal after the least time of a sample counts them, with what follows.
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_MIN);
    }
}

package io.p2pvpn.overlay.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathMtuTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long TIMEOUT_NANOS = 250 * MILLI_NANOS;
    private static final long RTT_NANOS = 20 * MILLI_NANOS;
    private static final int HEADERS_BYTES = 28;

    private final PathMtu mtu = new PathMtu();
    private final Random random = new Random(7);
    private long now = 1_000;
    private long tokens;
    private int interfaceMtu = 1500;
    private int linkMtu = 1500;
    private double loss;
    private boolean heard = true;
    private boolean carrying;
    private int probes;
    private int asked;

    /** Runs until nothing is due within that time. */
    private void run(long durationNanos) {
        long end = now + durationNanos;
        while (true) {
            if (carrying) {
                mtu.onCarried();
            }
            long due = Math.max(now, mtu.dueNanos(now));
            if (due > end) {
                now = end;
                return;
            }
            now = due;
            step();
        }
    }

    private void step() {
        if (mtu.isSearchDue(now)) {
            mtu.search(interfaceMtu, false, now);
        }
        int bytes = mtu.onDue(now, heard ? now : 0, TIMEOUT_NANOS, () -> ++tokens);
        asked += bytes == PathMtu.ASK ? 1 : 0;
        if (bytes > 0) {
            probes++;
            boolean passes = bytes + HEADERS_BYTES <= linkMtu && random.nextDouble() >= loss;
            if (passes && heard) {
                now += RTT_NANOS;
                assertThat(mtu.onReply(mtu.token(), now)).isTrue();
            }
        }
    }

    private int found() {
        return mtu.frameBytes() + HEADERS_BYTES;
    }

    @Test
    void freshPath_isTakenForEthernetsUntilProbesTell() {
        assertThat(mtu.frameBytes()).isEqualTo(PathMtu.ASSUMED_FRAME_BYTES);
        assertThat(mtu.isKnown()).isFalse();
        assertThat(mtu.onReply(1, now)).isFalse();
        assertThat(mtu.onReply(0, now)).isFalse();
    }

    @Test
    void ethernet_takesOneProbe() {
        run(100 * MILLI_NANOS);
        assertThat(mtu.isKnown()).isTrue();
        assertThat(found()).isEqualTo(1500);
        assertThat(probes).isEqualTo(1);
    }

    /** Answers come when they like, long after their probes count as lost, or never: what passes is found anyway. */
    @Test
    void answers_lateAndInAnyOrder_onlyTellWhatPasses() {
        for (long seed = 1; seed <= 2_000; seed++) {
            Random dice = new Random(seed);
            PathMtu late = new PathMtu();
            int link = 1280 + dice.nextInt(8_000);
            long[] counted = new long[1];
            List<Long> underway = new ArrayList<>();
            long time = 0;
            for (int i = 0; i < 300; i++) {
                if (dice.nextInt(4) == 0) {
                    late.onCarried();
                }
                time = Math.max(time, Math.min(late.dueNanos(time), time + dice.nextInt(3) * TIMEOUT_NANOS));
                if (late.isSearchDue(time)) {
                    late.search(9_000, false, time);
                }
                int bytes = late.onDue(time, time, TIMEOUT_NANOS, () -> ++counted[0]);
                if (bytes > 0 && bytes + HEADERS_BYTES <= link) {
                    underway.add(late.token());
                }
                if (!underway.isEmpty() && dice.nextInt(3) == 0) {
                    late.onReply(underway.remove(dice.nextInt(underway.size())), time);
                }
                if (late.isKnown()) {
                    assertThat(late.frameBytes() + HEADERS_BYTES)
                            .as("seed " + seed)
                            .isLessThanOrEqualTo(Math.max(link, PathMtu.BASE_FRAME_BYTES + HEADERS_BYTES));
                }
            }
        }
    }

    @Test
    void everyCommonLink_isFoundWithFewProbes() {
        for (int link : new int[] {1280, 1400, 1420, 1460, 1480, 1492, 1500, 4000, 9000}) {
            for (int local : new int[] {1500, 9000, 65_535}) {
                PathMtuTest run = new PathMtuTest();
                run.linkMtu = Math.min(link, local);
                run.interfaceMtu = local;
                run.run(10_000 * MILLI_NANOS);
                assertThat(run.mtu.isKnown()).isTrue();
                assertThat(run.found()).isEqualTo(run.linkMtu);
                assertThat(run.probes).isLessThanOrEqualTo(8);
            }
        }
    }

    @Test
    void anyLink_isFoundToTheNextCommonSize_neverAbove() {
        for (int link = 1228; link <= 9300; link += 7) {
            PathMtuTest run = new PathMtuTest();
            run.linkMtu = link;
            run.interfaceMtu = 9000;
            run.run(10_000 * MILLI_NANOS);
            assertThat(run.mtu.isKnown()).isTrue();
            assertThat(run.found()).isLessThanOrEqualTo(link).isGreaterThan(link / 2);
        }
    }

    @Test
    void loss_doesNotKeepTheSizeDown() {
        int right = 0;
        for (int seed = 0; seed < 100; seed++) {
            PathMtuTest run = new PathMtuTest();
            run.random.setSeed(seed);
            run.loss = 0.1;
            run.linkMtu = 1420;
            run.run(20_000 * MILLI_NANOS);
            assertThat(run.found()).isLessThanOrEqualTo(1420);
            right += run.found() == 1420 ? 1 : 0;
        }
        assertThat(right).isGreaterThan(95);
    }

    @Test
    void silence_isNoSignOfASize() {
        heard = false;
        run(10_000 * MILLI_NANOS);
        assertThat(mtu.isKnown()).isFalse();
        assertThat(probes).isEqualTo(1);
        assertThat(asked).isGreaterThan(10);
        heard = true;
        linkMtu = 1400;
        run(5_000 * MILLI_NANOS);
        assertThat(found()).isEqualTo(1400);
    }

    @Test
    void lateAnswer_counts() {
        mtu.search(1500, false, now);
        assertThat(mtu.onDue(now, now, TIMEOUT_NANOS, () -> 77)).isEqualTo(1472);
        now += TIMEOUT_NANOS;
        assertThat(mtu.onDue(now, now, TIMEOUT_NANOS, () -> 78)).isPositive();
        assertThat(mtu.onReply(77, now)).isTrue();
        assertThat(mtu.frameBytes()).isEqualTo(1472);
        assertThat(mtu.isKnown()).isTrue();
    }

    @Test
    void blackHole_isNoticedWhileLargeFramesLeave() {
        carrying = true;
        run(5_000 * MILLI_NANOS);
        assertThat(found()).isEqualTo(1500);
        linkMtu = 1400;
        long since = now;
        while (mtu.isKnown()) {
            run(10 * MILLI_NANOS);
        }
        assertThat(now - since).isLessThan(PathMtu.CONFIRM_NANOS + 6 * TIMEOUT_NANOS + 50 * MILLI_NANOS);
        assertThat(mtu.frameBytes()).isEqualTo(PathMtu.BASE_FRAME_BYTES);
        run(3_000 * MILLI_NANOS);
        assertThat(found()).isEqualTo(1400);
        assertThat(mtu.isKnown()).isTrue();
    }

    @Test
    void idlePath_isLeftAlone() {
        run(5_000 * MILLI_NANOS);
        int before = probes;
        run(10 * PathMtu.RAISE_NANOS);
        assertThat(probes).isEqualTo(before);
    }

    @Test
    void largerLink_isFoundAfterTenMinutesOfUse() {
        linkMtu = 1400;
        carrying = true;
        run(10_000 * MILLI_NANOS);
        assertThat(found()).isEqualTo(1400);
        linkMtu = 1500;
        run(PathMtu.RAISE_NANOS - 20_000 * MILLI_NANOS);
        assertThat(found()).isEqualTo(1400);
        run(20_000 * MILLI_NANOS);
        assertThat(found()).isEqualTo(1500);
        assertThat(mtu.isKnown()).isTrue();
    }

    @Test
    void interfaceBelowTheBase_leavesTheBase() {
        interfaceMtu = 576;
        linkMtu = 576;
        run(5_000 * MILLI_NANOS);
        assertThat(mtu.frameBytes()).isEqualTo(PathMtu.BASE_FRAME_BYTES);
        assertThat(mtu.isKnown()).isTrue();
        assertThat(probes).isZero();
    }
}

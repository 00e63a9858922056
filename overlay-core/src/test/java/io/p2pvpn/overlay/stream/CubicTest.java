package io.p2pvpn.overlay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CubicTest {
    private static final int PACKET = 1000;
    private static final long RTT_NANOS = 100_000_000L;

    private long nowNanos;

    /** All of the window arrives, in so many round trips. */
    private void rounds(Cubic cubic, int count) {
        for (int i = 0; i < count; i++) {
            long left = cubic.windowBytes();
            long each = left / 20;
            for (int k = 0; k < 20; k++) {
                nowNanos += RTT_NANOS / 20;
                cubic.onAcked(each, true, RTT_NANOS, nowNanos);
            }
        }
    }

    @Test
    void slowStart_doublesEachRoundTrip() {
        Cubic cubic = new Cubic(PACKET);
        assertThat(cubic.windowBytes()).isEqualTo(10 * PACKET);
        rounds(cubic, 3);
        // Each acknowledgement counts at once: a little more than doubling.
        assertThat(cubic.windowBytes()).isBetween(79L * PACKET, 90L * PACKET);
        assertThat(cubic.isSlowStart()).isTrue();
    }

    @Test
    void congestion_costsThreeTenths_andIsMadeUpForInTheTimeOfTheFormula() {
        Cubic cubic = new Cubic(PACKET);
        rounds(cubic, 5);
        long before = cubic.windowBytes();
        cubic.onCongestion();
        assertThat(cubic.windowBytes()).isBetween(before * 7 / 10 - 1, before * 7 / 10 + 1);
        // RFC 9438, figure 2: K = cbrt(W_max (1 - beta) / C).
        double seconds = Math.cbrt(before / (double) PACKET * 0.3 / 0.4);
        rounds(cubic, (int) Math.ceil(seconds / 0.1) + 1);
        assertThat(cubic.windowBytes()).isBetween(before * 97 / 100, before * 115 / 100);
        rounds(cubic, 60);
        assertThat(cubic.windowBytes()).isGreaterThan(before * 12 / 10);
    }

    @Test
    void smallWindow_growsAsRenoDoes() {
        Cubic cubic = new Cubic(PACKET);
        cubic.onCongestion();
        long after = cubic.windowBytes();
        rounds(cubic, 10);
        // 3 (1 - beta) / (1 + beta) = 0.53 packets each round trip, until the window is what it was; then one.
        assertThat(cubic.windowBytes() - after).isBetween(5L * PACKET, 9L * PACKET);
    }

    @Test
    void window_thatIsNotUsed_doesNotGrow() {
        Cubic cubic = new Cubic(PACKET);
        cubic.onAcked(50_000, false, RTT_NANOS, RTT_NANOS);
        assertThat(cubic.windowBytes()).isEqualTo(10 * PACKET);
    }

    @Test
    void persistentCongestion_leavesTwoPackets() {
        Cubic cubic = new Cubic(PACKET);
        cubic.onCongestion();
        cubic.onPersistentCongestion();
        assertThat(cubic.windowBytes()).isEqualTo(2 * PACKET);
        for (int i = 0; i < 40; i++) {
            cubic.onCongestion();
        }
        assertThat(cubic.windowBytes()).isEqualTo(2 * PACKET);
    }

    @Test
    void longerRoundTrips_endSlowStart() {
        Cubic cubic = new Cubic(PACKET);
        int round = 0;
        while (cubic.isSlowStart() && round < 50) {
            long rtt = RTT_NANOS + (round < 5 ? 0 : (round - 4) * 20_000_000L);
            for (int i = 0; i < 10; i++) {
                cubic.onRtt(rtt, i == 0);
            }
            round++;
        }
        assertThat(round).isBetween(8, 14);
    }
}

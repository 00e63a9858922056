package io.p2pvpn.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Clock;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class ClockWatchTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final long HOUR = 3_600_000;

    private final ClockWatch watch = new ClockWatch(new Clock() {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return NOW;
        }
    });

    @Test
    void health_clocksAgree_isEmpty() {
        assertThat(watch.health()).isEmpty();
        watch.onPeer(id(1), NOW - ClockWatch.WARN_MILLIS);
        watch.onPeer(id(2), NOW + 1);
        assertThat(watch.health()).isEmpty();
        assertThat(watch.isHopeless()).isFalse();
    }

    @Test
    void health_someMinutes_isAWarning() {
        watch.onPeer(id(1), NOW - 10 * 60_000);
        assertThat(watch.health().get(0).code()).isEqualTo("clock-off");
        assertThat(watch.text()).startsWith("this host's clock is 10 minutes ahead of that of the node");
        assertThat(watch.isHopeless()).isFalse();
    }

    @Test
    void isHopeless_years_andSaysSo() {
        watch.onPeer(id(1), NOW + 3 * 365 * 24 * HOUR);
        assertThat(watch.isHopeless()).isTrue();
        assertThat(watch.text()).contains("1095 days behind");
    }

    /** A few peers whose own clocks are wrong must not count. */
    @Test
    void median_aFewAreWrong_doNotCount() {
        for (int i = 0; i < 7; i++) {
            watch.onPeer(id(i), i < 3 ? NOW + 5 * HOUR : NOW);
        }
        assertThat(watch.health()).isEmpty();
    }

    @Test
    void peers_manyComeAndGo_areBounded() {
        for (int i = 0; i < ClockWatch.PEERS_MAX; i++) {
            watch.onPeer(id(i), NOW + 5 * HOUR);
        }
        for (int i = 0; i < ClockWatch.PEERS_MAX; i++) {
            watch.onPeer(id(1000 + i), NOW);
        }
        assertThat(watch.aheadMillis()).isZero();
    }

    private static OverlayId id(int number) {
        return OverlayId.of(ByteBuffer.allocate(OverlayId.BYTES).putInt(number).array());
    }
}

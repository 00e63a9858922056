package io.p2pvpn.overlay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacketHistoryTest {
    private final PacketHistory history = new PacketHistory();

    @Test
    void packets_everyOtherLost_areNewOnce_andBounded() {
        for (int number = 0; number < 1000; number += 2) {
            assertThat(history.isNew(number)).isTrue();
            history.add(number, true, number);
            assertThat(history.isNew(number)).isFalse();
        }
        assertThat(history.isNew(997)).isTrue();
        // Far behind: what did not come by now counts as seen.
        assertThat(history.isNew(1)).isFalse();
    }

    @Test
    void acknowledgement_waitsForASecondPacketOrSomeTime() {
        history.add(0, true, 1000);
        assertThat(history.isWaiting()).isTrue();
        assertThat(history.isDue(1000)).isFalse();
        assertThat(history.isDue(1000 + StreamLimits.ACK_DELAY_NANOS)).isTrue();
        history.add(1, true, 2000);
        assertThat(history.isDue(2000)).isTrue();
        PacketWriter writer = new PacketWriter();
        writer.start(1000, 0, 1, 1);
        assertThat(history.write(writer, 3000)).isEqualTo(1);
        assertThat(history.isWaiting()).isFalse();
        history.add(2, false, 4000);
        assertThat(history.isWaiting()).isFalse();
    }

    @Test
    void acknowledgement_ofAGap_isDueAtOnce() {
        history.add(0, true, 0);
        PacketWriter writer = new PacketWriter();
        writer.start(1000, 0, 1, 1);
        history.write(writer, 0);
        history.add(2, true, 1);
        assertThat(history.isDue(1)).isTrue();
    }

    @Test
    void acknowledgement_thatArrived_isNotRepeatedForever() {
        for (int number = 0; number < 100; number += 2) {
            history.add(number, true, 0);
        }
        history.add(5000, true, 0);
        history.onAckArrived(5000);
        assertThat(history.isNew(4000)).isFalse();
        assertThat(history.isNew(4999)).isTrue();
    }
}

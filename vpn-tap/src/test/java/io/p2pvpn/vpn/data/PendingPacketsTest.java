package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PendingPacketsTest {
    private final FakeRuntime runtime = new FakeRuntime();
    private final PendingPackets pending = new PendingPackets(runtime.counters());

    @Test
    void add_tooManyForOneDestination_oldestDropped() {
        for (int i = 0; i < PendingPackets.PACKETS_PER_DESTINATION_MAX + 6; i++) {
            pending.add(1, new byte[60]);
        }
        assertThat(pending.size()).isEqualTo(PendingPackets.PACKETS_PER_DESTINATION_MAX);
        assertThat(runtime.count("data.drop.pending")).isEqualTo(6);
    }

    @Test
    void add_tooManyInAll_staysWithinBounds() {
        for (int i = 0; i < 5000; i++) {
            pending.add(i % 700, new byte[60]);
        }
        assertThat(pending.size()).isEqualTo(PendingPackets.PACKETS_MAX);
        assertThat(runtime.count("data.drop.pending")).isEqualTo(5000 - PendingPackets.PACKETS_MAX);
    }

    @Test
    void add_superPackets_boundedByBytes() {
        for (int i = 0; i < 200; i++) {
            pending.add(i, new byte[65_545]);
        }
        assertThat(pending.size()).isEqualTo(PendingPackets.BYTES_MAX / 65_545);
    }
}

package io.p2pvpn.nat.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PortSequenceTest {
    @Test
    void of_portsThatCount_isTheNextOne() {
        assertThat(PortSequence.of(List.of(100, 101, 102))).isEqualTo(new PortSequence(103, 1));
        assertThat(PortSequence.of(List.of(100, 102, 104, 106))).isEqualTo(new PortSequence(108, 2));
    }

    @Test
    void of_portsThatOthersTookSomeOf_stepsByTheSmallestGap() {
        assertThat(PortSequence.of(List.of(100, 101, 104, 105))).isEqualTo(new PortSequence(106, 1));
    }

    @Test
    void of_tooFewOrScatteredPorts_isNone() {
        assertThat(PortSequence.of(List.of())).isNull();
        assertThat(PortSequence.of(List.of(100, 101))).isNull();
        assertThat(PortSequence.of(List.of(40_000, 12_345, 60_001, 2_000))).isNull();
        assertThat(PortSequence.of(List.of(100, 200, 300))).isNull();
        assertThat(PortSequence.of(List.of(100, 99, 98))).isNull();
        assertThat(PortSequence.of(List.of(100, 101, 133))).isNull();
        assertThat(PortSequence.of(List.of(65_533, 65_534, 65_535))).isNull();
    }
}

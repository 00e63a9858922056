package io.p2pvpn.vpn.group;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeenNumbersTest {
    @Test
    void numbers_inAnyOrder_areNewOnce() {
        SeenNumbers seen = new SeenNumbers();
        for (long number : new long[] {100, 103, 101, 102}) {
            assertThat(seen.add(number)).isTrue();
            assertThat(seen.add(number)).isFalse();
        }
    }

    @Test
    void number_olderThanAllThatAreKept_isNotNew() {
        SeenNumbers seen = new SeenNumbers();
        for (long number = 0; number < 3 * SeenNumbers.KEPT_MAX; number += 2) {
            assertThat(seen.add(number)).isTrue();
        }
        assertThat(seen.add(1)).isFalse();
        assertThat(seen.add(3 * SeenNumbers.KEPT_MAX - 3)).isTrue();
        assertThat(seen.add(0)).isFalse();
    }
}

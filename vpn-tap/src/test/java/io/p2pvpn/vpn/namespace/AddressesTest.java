package io.p2pvpn.vpn.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @Test
    void parse_ofAnAddress_isItsLowBits() {
        assertThat(Addresses.parse("10.1.2.3")).isEqualTo(0x0a01_0203);
        assertThat(Addresses.parse("fd00:1:2:3::a01:203")).isEqualTo(0x0a01_0203);
        assertThat(Addresses.parse(Addresses.text6(0xfd00_0001_0002_0003L, 0x0a01_0203)))
                .isEqualTo(0x0a01_0203);
    }

    /** What looks like an address and is none was given to a resolver once, which takes seconds. */
    @ParameterizedTest
    @ValueSource(strings = {"", "h7", "1.2.3", "1.2.3.4.5", "10.1.2.256", ":", ":::", "f:0", "1::2::3", "x:1", "."})
    void parse_ofAnythingElse_isNull(String text) {
        assertThat(Addresses.parse(text)).isNull();
    }
}

package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.InterfaceUse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InterfaceRulesTest {
    @ParameterizedTest
    @CsvSource({
        "eth0, eth0, true",
        "eth0, eth01, false",
        "wwan*, wwan0, true",
        "wwan*, wwan, true",
        "wwan*, wlan0, false",
        "*, anything, true",
        "*p0s*, enp0s3, true",
        "*p0s*, enp1s3, false",
        "en*s3, enp0s3, true",
        "en*n, en, false",
        "a*b*b, ab, false",
        "a*b*b, abb, true",
    })
    void patterns_matchWholeNames(String pattern, String name, boolean matches) {
        InterfaceRules rules = new InterfaceRules(List.of(InterfaceRules.Rule.parse(pattern + "=metered")));
        assertThat(rules.useOf(name)).isEqualTo(matches ? InterfaceUse.METERED : InterfaceUse.ON);
    }

    @Test
    void firstMatch_counts() {
        InterfaceRules rules = new InterfaceRules(
                List.of(InterfaceRules.Rule.parse("eth1=backup"), InterfaceRules.Rule.parse("eth*=off")));
        assertThat(rules.useOf("eth1")).isEqualTo(InterfaceUse.BACKUP);
        assertThat(rules.excluding(List.of("p2p0"), List.of("eth0", "eth1", "wlan0")))
                .containsExactly("p2p0", "eth0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "eth0", "eth0=", "eth0=ON", "=off", "eth 0=off", "eth0=perhaps"})
    void otherTexts_areRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> InterfaceRules.Rule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NAME=backup");
    }
}

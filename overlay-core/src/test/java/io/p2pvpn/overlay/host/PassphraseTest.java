package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassphraseTest {
    private static Passphrase firstLine(String text) throws Exception {
        return Passphrase.firstLine(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ä b", "ä b\n", "ä b\r\n", "ä b\nmore\n"})
    void firstLine_anyEnd_isTheSame(String text) throws Exception {
        assertThat(firstLine(text).bytes()).isEqualTo(Passphrase.of("ä b").bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n", "\nsecond"})
    void firstLine_empty_isRefused(String text) {
        assertThatThrownBy(() -> firstLine(text))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void length_1024Bytes_isTheMost() throws Exception {
        assertThat(firstLine("x".repeat(1024)).bytes()).hasSize(1024);
        assertThatThrownBy(() -> firstLine("x".repeat(1025)))
                .isInstanceOf(HostException.class)
                .hasMessageNotContainingAny("xx");
    }

    @Test
    void toString_anyPassphrase_doesNotShowIt() throws Exception {
        assertThat(Passphrase.of("secret")).asString().isEqualTo("a passphrase");
    }
}

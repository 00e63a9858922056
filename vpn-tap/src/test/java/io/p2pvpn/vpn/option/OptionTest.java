package io.p2pvpn.vpn.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionTest {
    private static final String ID = "0123456789abcdef0123456789abcdef01234567";

    @ParameterizedTest
    @CsvSource({
        "203.0.113.5:4001, 203.0.113.5:4001",
        "example.org:1, example.org:1",
        "example.org.:65535, example.org:65535",
        "[2001:db8::5]:4001, [2001:db8:0:0:0:0:0:5]:4001",
        ID + "@h:5, " + ID + "@h:5",
        "tls://h:443, tls://h:443",
        "tcp://" + ID + "@[::1]:5, tcp://" + ID + "@[0:0:0:0:0:0:0:1]:5"
    })
    void bootstrap_valid_isParsed(String text, String expected) {
        assertThat(BootstrapAddress.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "host",
                "host:",
                ":1",
                "host:0",
                "host:65536",
                "host:99999999999",
                "host:-1",
                "host:+1",
                "host:1x",
                "host: 1",
                "ho st:1",
                "-host:1",
                "a..b:1",
                "1.2.3:1",
                "256.1.1.1:1",
                "1.2.3.4.5:1",
                "01.2.3.4:1",
                "2001:db8::5:4001x",
                "2001:db8::5:4001",
                "[2001:db8::5]",
                "[2001:db8::g]:1",
                "[1.2.3.4]:1",
                "abc@h:1",
                "@h:1",
                ID + "0@h:1",
                "http://h:1",
                "tls:h:1",
                "tls://",
                "udp://tcp://h:1",
                "h:1/"
            })
    void bootstrap_invalid_isRefusedInOneLine(String text) {
        assertRefused(BootstrapAddress::parse, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "4001", "udp:4001", "tcp:1.2.3.4:5", "tls:443", "[::1]:5", "udp:[::1]:5"})
    void listen_valid_isParsed(String text) {
        assertThat(ListenAddress.parse(text).toString().replace("0:0:0:0:0:0:0:1", "::1"))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "udp", "udp:", "http:80", "65536", "-1", "::1:5", "1.2.3.4", "1.2.3.4:", "x:5", "a.b:5"})
    void listen_invalid_isRefusedInOneLine(String text) {
        assertRefused(ListenAddress::parse, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "lab", "Lab_1.x-y", "a@" + ID, "a@" + ID + "89abcdef0123456789abcdef"})
    void namespace_valid_isParsed(String text) {
        assertThat(NamespaceName.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "-a",
                "a b",
                "a/b",
                "ä",
                "a@",
                "a@12",
                "@" + ID,
                "a@" + ID + "0",
                "a@" + ID + "@" + ID,
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void namespace_invalid_isRefusedInOneLine(String text) {
        assertRefused(NamespaceName::parse, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.128.0.0/16", "0.0.0.0/0", "10.1.2.3/32"})
    void prefix_valid_isParsed(String text) {
        assertThat(IpPrefix.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "10.0.0.0/-1", "x/8"})
    void prefix_invalid_isRefusedInOneLine(String text) {
        assertRefused(IpPrefix::parse, text);
    }

    @ParameterizedTest
    @CsvSource({
        "10.128.0.0/16, 10.128.255.255, true",
        "10.128.0.0/16, 10.129.0.0, false",
        "10.128.0.0/9, 10.200.0.1, true",
        "0.0.0.0/0, 255.255.255.255, true",
        "0.0.0.0/0, ::1, false",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fe00::1, false"
    })
    void prefix_contains_comparesLeadingBits(String prefix, String address, boolean inside) {
        assertThat(IpPrefix.parse(prefix).contains(IpAddress.parse(address))).isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "a-", "a.b", "a b", "ü"})
    void hostname_invalid_isRefusedInOneLine(String text) {
        assertRefused(Names::checkHostname, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "..", "a b", "sixteen-chars-xx"})
    void device_invalid_isRefusedInOneLine(String text) {
        assertRefused(Names::checkDevice, text);
    }

    private static void assertRefused(Function<String, ?> parser, String text) {
        assertThatThrownBy(() -> parser.apply(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank()
                .doesNotContain("\n");
    }
}

package io.p2pvpn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "join --invite p2pi1-AbC_9-x --name a | join --invite (removed) --name a",
                "key p2pca1-AAAA and p2prq1-BB, p2pcr1-C | key (removed) and (removed), (removed)",
                "proxy http://me:pass@192.0.2.1:3128/ | proxy http://(removed)@192.0.2.1:3128/",
                "password = hunter2 and more | password = (removed) and more",
                "token: abc | token: (removed)",
                "nothing of that sort at 192.0.2.1:5 | nothing of that sort at 192.0.2.1:5"
            })
    void secrets_areRemoved(String text, String safe) {
        assertThat(new Redaction(false).of(text)).isEqualTo(safe);
    }

    @Test
    void addresses_areNumbered_theSameOneAlike() {
        assertThat(new Redaction(true)
                        .of("udp://192.0.2.7:40000 [fd12:3456:0:0:0:0:a07:1] 10.7.0.1/16 udp://192.0.2.7:1 fe80::1 ::"))
                .isEqualTo("udp://address-1:40000 [address-2] address-3/16 udp://address-1:1 address-4 ::");
    }

    @ParameterizedTest
    @ValueSource(strings = {"12:34:56", "0.1.0", "17.0.15", "2026-11-30T18:00:00Z", "\"schema\" : 1", "ABCD-EFGH-JKMN"})
    void otherThings_stay(String text) {
        assertThat(new Redaction(true).of(text)).isEqualTo(text);
    }
}

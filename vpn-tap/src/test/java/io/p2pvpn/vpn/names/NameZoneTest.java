package io.p2pvpn.vpn.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.vpn.names.NameZone.Meaning;
import io.p2pvpn.vpn.tun.Cidr;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameZoneTest {
    private static final long ULA = 0xfd12_3456_789a_bcdeL;
    private static final NameZone ZONE = new NameZone("My.Lab", Cidr.of4(0x0a07_0000, 16), ULA);

    @ParameterizedTest
    @CsvSource({
        "web.my.lab.p2pvpn.internal, web",
        "WEB.My.Lab.P2PVPN.internal., web",
        "a-1.my.lab.p2pvpn.internal, a-1",
        "a.b.my.lab.p2pvpn.internal, a.b"
    })
    void meaning_nameOfAHost_isThatHost(String name, String host) {
        assertThat(ZONE.meaning(name)).isEqualTo(new Meaning.Host(host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "p2pvpn.internal",
                "lab.p2pvpn.internal",
                "xmy.lab.p2pvpn.internal",
                "web.my.lab.p2pvpn.internal.example",
                "example.org",
                "",
                ".",
                "8.10.in-addr.arpa",
                "10.in-addr.arpa",
                "in-addr.arpa",
                "1.0.8.10.in-addr.arpa",
                "1.2.3.7.10.in-addr.arpa",
                "256.0.7.10.in-addr.arpa",
                "01.0.7.10.in-addr.arpa",
                "x.0.7.10.in-addr.arpa",
                "d.f.ip6.arpa",
                "e.d.c.b.a.9.8.7.6.5.4.3.2.1.c.f.ip6.arpa",
                "xx.e.d.c.b.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa"
            })
    void meaning_nameOfSomebodyElse_isElsewhere(String name) {
        assertThat(ZONE.meaning(name)).isEqualTo(new Meaning.Elsewhere());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".my.lab.p2pvpn.internal",
                "-a.my.lab.p2pvpn.internal",
                "a b.my.lab.p2pvpn.internal",
                "\u00e4.my.lab.p2pvpn.internal",
                "_x_y._tcp.my.lab.p2pvpn.internal",
                "ssh._tcp.my.lab.p2pvpn.internal",
                "-._ssh._tcp.my.lab.p2pvpn.internal",
                "1.0.0.0.0.0.0.8.0.a.0.0.0.0.0.0.e.d.c.b.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa"
            })
    void meaning_nameOfOursThatCannotBe_isNothing(String name) {
        assertThat(ZONE.meaning(name)).isEqualTo(new Meaning.Nothing());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "my.lab.p2pvpn.internal",
                "_tcp.my.lab.p2pvpn.internal",
                "7.10.in-addr.arpa",
                "9.7.10.in-addr.arpa",
                "e.d.c.b.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa",
                "0.0.e.d.c.b.a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa"
            })
    void meaning_nameWithOthersBelowIt_isABranch(String name) {
        assertThat(ZONE.meaning(name)).isEqualTo(new Meaning.Branch());
    }

    @Test
    void meaning_services_areTypesAndInstances() {
        ServiceType ssh = ServiceType.parse("ssh");
        ServiceType syslog = ServiceType.parse("Syslog/udp");
        assertThat(ZONE.meaning("_ssh._tcp.my.lab.p2pvpn.internal")).isEqualTo(new Meaning.Service(ssh));
        assertThat(ZONE.meaning("_syslog._udp.my.lab.p2pvpn.internal")).isEqualTo(new Meaning.Service(syslog));
        assertThat(ZONE.meaning("a.b._ssh._tcp.my.lab.p2pvpn.internal")).isEqualTo(new Meaning.Instance(ssh, "a.b"));
    }

    /** Each address of each namespace has a reverse name of its own, which lies in one of its reverse domains. */
    @Test
    void meaning_reverseNames_leadBackToTheAddress() {
        for (long seed = 1; seed <= 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int length = 8 + random.nextInt(23);
            int address = 0x0a00_0000 | random.nextInt(1 << 24);
            NameZone zone = new NameZone("lab", Cidr.of4(address, length), random.nextLong());
            String name = NameZone.reverseName(address);
            assertThat(zone.meaning(name)).as("seed " + seed).isEqualTo(new Meaning.Address(address));
            assertThat(zone.reverseDomains())
                    .hasSizeLessThanOrEqualTo(129)
                    .filteredOn(domain -> ("." + name).endsWith("." + domain))
                    .containsExactly(zone.zoneOf(name));
            StringBuilder six = new StringBuilder();
            for (int i = 0; i < 16; i++) {
                six.append(i < 8 ? Character.forDigit(address >>> (4 * i) & 0xf, 16) : '0')
                        .append('.');
            }
            String domain6 = zone.reverseDomains().get(zone.reverseDomains().size() - 1);
            assertThat(zone.meaning(six + domain6)).isEqualTo(new Meaning.Address(address));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-ssh", "ssh-", "s--h", "s_h", "22", "a123456789012345", "ssh/sctp", "s.h"})
    void serviceType_badName_isRefused(String name) {
        assertThatThrownBy(() -> ServiceType.parse(name)).isInstanceOf(IllegalArgumentException.class);
    }
}

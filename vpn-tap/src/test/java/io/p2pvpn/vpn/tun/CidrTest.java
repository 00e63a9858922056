package io.p2pvpn.vpn.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CidrTest {
    private static Cidr cidr(String text) {
        Cidr cidr = Cidr.parse(text);
        assertThat(cidr).as(text).isNotNull();
        return cidr;
    }

    @Test
    void parse_variousForms_canonical() {
        assertThat(cidr("10.128.3.4/16")).hasToString("10.128.0.0/16");
        assertThat(cidr("255.255.255.255")).hasToString("255.255.255.255/32");
        assertThat(cidr("0.0.0.0/0")).hasToString("0.0.0.0/0");
        assertThat(cidr("fd12:3456::9/64")).hasToString("fd12:3456:0:0:0:0:0:0/64");
        assertThat(cidr("fd12::ffff:9/112")).hasToString("fd12:0:0:0:0:0:ffff:0/112");
        assertThat(cidr("::/0").prefixLength()).isZero();
    }

    @Test
    void parse_notAPrefix_null() {
        for (String text : new String[] {
            "",
            "/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0/8",
            "10.0.0.0/",
            "::/129",
            "[::]/8",
            "fe80::1%eth0/64",
            "a.b/8"
        }) {
            assertThat(Cidr.parse(text)).as(text).isNull();
        }
    }

    @Test
    void overlapsAndContains_randomPrefixes_asBitByBit() {
        Random random = new Random(Long.getLong("test.seed", 5L));
        int overlaps = 0;
        for (int i = 0; i < 20_000; i++) {
            int bytes = random.nextBoolean() ? 4 : 16;
            byte[] a = new byte[bytes];
            random.nextBytes(a);
            byte[] b = a.clone();
            b[random.nextInt(bytes)] ^= (byte) (1 << random.nextInt(8));
            int lengthA = random.nextInt(bytes * 8 + 1);
            int lengthB = random.nextInt(bytes * 8 + 1);
            boolean expected = prefix(a, Math.min(lengthA, lengthB)).equals(prefix(b, Math.min(lengthA, lengthB)));
            Cidr first = Cidr.of(a, lengthA);
            Cidr second = Cidr.of(b, lengthB);
            assertThat(first.overlaps(second)).isEqualTo(expected);
            assertThat(first.contains(second)).isEqualTo(expected && lengthB >= lengthA);
            Cidr host = Cidr.of(b, bytes * 8);
            boolean holds = bytes == 4 ? first.contains4((int) host.low()) : first.contains6(host.high(), host.low());
            assertThat(holds).isEqualTo(prefix(a, lengthA).equals(prefix(b, lengthA)));
            overlaps += expected ? 1 : 0;
        }
        assertThat(overlaps).isBetween(1000, 19_000);
    }

    private static BigInteger prefix(byte[] address, int length) {
        return new BigInteger(1, address).shiftRight(address.length * 8 - length);
    }
}

package io.p2pvpn.overlay.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
    private static Endpoint endpoint(Kind kind, String address, int port) throws Exception {
        return Objects.requireNonNull(
                Endpoint.of(kind, InetAddress.getByName(address).getAddress(), port));
    }

    @ParameterizedTest
    @CsvSource({
        "UDP, 192.0.2.7, 1, udp://192.0.2.7:1",
        "TCP, 192.0.2.7, 51053, tcp://192.0.2.7:51053",
        "TLS, 255.255.255.255, 65535, tls://255.255.255.255:65535",
        "UDP, 2001:db8::1, 40000, udp://[2001:db8:0:0:0:0:0:1]:40000"
    })
    void text_isKindAddressAndPort(Kind kind, String address, int port, String text) throws Exception {
        Endpoint endpoint = endpoint(kind, address, port);
        assertThat(endpoint).hasToString(text);
        assertThat(endpoint.toHostPort()).isEqualTo(text.substring(text.indexOf("://") + 3));
        assertThat(endpoint.port()).isEqualTo(port);
        assertThat(endpoint.address()).isEqualTo(InetAddress.getByName(address));
        assertThat(endpoint.withKind(Kind.TLS).toHostPort()).isEqualTo(endpoint.toHostPort());
    }

    @Test
    void of_mappedIpv6_isIpv4() {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 192, 0, 2, 7};
        assertThat(Endpoint.of(Kind.UDP, mapped, 5)).hasToString("udp://192.0.2.7:5");
        mapped[0] = 1;
        assertThat(Objects.requireNonNull(Endpoint.of(Kind.UDP, mapped, 5)).isIpv6())
                .isTrue();
    }

    @Test
    void of_noEndpoint_isNull() {
        assertThat(Endpoint.of(Kind.UDP, new byte[4], 0)).isNull();
        assertThat(Endpoint.of(Kind.UDP, new byte[4], 65_536)).isNull();
        assertThat(Endpoint.of(Kind.UDP, new byte[5], 1)).isNull();
    }

    @Test
    void addressBytes_areACopy() throws Exception {
        for (String text : List.of("192.0.2.7", "2001:db8::1")) {
            Endpoint endpoint = endpoint(Kind.UDP, text, 1);
            endpoint.addressBytes()[0] = 99;
            assertThat(endpoint).isEqualTo(endpoint(Kind.UDP, text, 1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, true, false",
        "0.0.0.0, false, true",
        "255.255.255.255, false, true",
        "224.0.0.1, false, true",
        "10.1.2.3, false, false",
        "100.64.0.0, false, false",
        "100.127.255.255, false, false",
        "100.63.255.255, true, false",
        "100.128.0.0, true, false",
        "127.0.0.1, false, false",
        "169.254.0.1, false, false",
        "2001:db8::1, true, false",
        "fc00::1, false, false",
        "fdff::1, false, false",
        "fe00::1, true, false",
        "fe80::1, false, false",
        "ff02::1, false, true",
        "::, false, true",
        "::1, false, false"
    })
    void ranges_areKnown(String address, boolean global, boolean unusable) throws Exception {
        Endpoint endpoint = endpoint(Kind.UDP, address, 9);
        assertThat(endpoint.isGlobal()).isEqualTo(global);
        assertThat(endpoint.isUnusable()).isEqualTo(unusable);
    }

    /** By kind, then by address bytes from the first on, unsigned, the shorter first, then by port. */
    @Test
    void order_isThatOfTheBytes_andEqualOnesHaveOneHash() {
        SplittableRandom random = new SplittableRandom(1);
        List<Endpoint> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] address = new byte[random.nextBoolean() ? 4 : 16];
            for (int k = 0; k < address.length; k++) {
                address[k] = (byte) (random.nextInt(3) - 1);
            }
            all.add(Endpoint.of(
                    List.of(Kind.UDP, Kind.TCP, Kind.TLS).get(random.nextInt(3)),
                    address,
                    1 + random.nextInt(2) * 50_000));
        }
        for (Endpoint one : all) {
            for (Endpoint other : all) {
                int order = one.kind().compareTo(other.kind());
                order = order != 0 ? order : Arrays.compareUnsigned(one.addressBytes(), other.addressBytes());
                order = order != 0 ? order : Integer.compare(one.port(), other.port());
                assertThat(Integer.signum(one.compareTo(other))).isEqualTo(Integer.signum(order));
                assertThat(one.equals(other)).isEqualTo(order == 0);
                assertThat(order != 0 || one.hashCode() == other.hashCode()).isTrue();
            }
        }
    }
}

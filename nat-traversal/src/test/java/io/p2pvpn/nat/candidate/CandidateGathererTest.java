package io.p2pvpn.nat.candidate;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateGathererTest {
    private long nowNanos;
    private List<Endpoint> interfaces = new ArrayList<>();
    private List<String> excluded = List.of();

    private CandidateGatherer gatherer() {
        Clock clock = new Clock() {
            @Override
            public long nanoTime() {
                return nowNanos;
            }

            @Override
            public long epochMillis() {
                return 0;
            }
        };
        Transport transport = new InterfacesOnly();
        return new CandidateGatherer(transport, clock, () -> List.of("p2p0"));
    }

    @Test
    void candidates_manyInterfaces_observedAndTcpAreNotPushedOff() {
        for (int i = 1; i <= 20; i++) {
            interfaces.add(endpoint(Endpoint.Kind.UDP, "192.168.0." + i));
        }
        interfaces.add(endpoint(Endpoint.Kind.TCP, "192.168.0.1"));
        Endpoint seen = endpoint(Endpoint.Kind.UDP, "203.0.113.7");

        List<Endpoint> candidates = gatherer().candidates(List.of(seen));

        assertThat(candidates)
                .hasSize(Contact.ENDPOINTS_MAX)
                .contains(seen, endpoint(Endpoint.Kind.TCP, "192.168.0.1"))
                .doesNotHaveDuplicates();
    }

    @Test
    void candidates_mapped_standNearTheFront() {
        Endpoint local = endpoint(Endpoint.Kind.UDP, "192.168.0.1");
        Endpoint mapped = endpoint(Endpoint.Kind.UDP, "45.67.113.18");
        Endpoint seen = endpoint(Endpoint.Kind.UDP, "45.67.113.19");
        interfaces.add(local);
        CandidateGatherer gatherer = gatherer();
        gatherer.setMapped(() -> List.of(mapped, mapped.withKind(Endpoint.Kind.TCP)));

        assertThat(gatherer.candidates(List.of(seen)))
                .containsExactly(local, mapped, seen, mapped.withKind(Endpoint.Kind.TCP));
    }

    @Test
    void candidates_tls_publicOneComesLastAndTakesOnePlace() {
        for (int i = 1; i <= 20; i++) {
            interfaces.add(endpoint(Endpoint.Kind.UDP, "192.168.0." + i));
        }
        interfaces.add(endpoint(Endpoint.Kind.TLS, "192.168.0.1"));
        interfaces.add(endpoint(Endpoint.Kind.TLS, "198.51.100.4"));

        List<Endpoint> candidates = gatherer().candidates(List.of());

        assertThat(candidates).hasSize(Contact.ENDPOINTS_MAX);
        assertThat(candidates.subList(0, Contact.ENDPOINTS_MAX - 1))
                .allMatch(endpoint -> endpoint.kind() == Endpoint.Kind.UDP);
        assertThat(candidates).endsWith(endpoint(Endpoint.Kind.TLS, "198.51.100.4"));
    }

    @Test
    void candidates_observedIsInterface_namedOnce() {
        interfaces.add(endpoint(Endpoint.Kind.UDP, "198.51.100.4"));

        assertThat(gatherer().candidates(List.copyOf(interfaces))).isEqualTo(interfaces);
    }

    @Test
    void candidates_ownDevice_isLeftToTheTransportToExclude() {
        gatherer().candidates(List.of());

        assertThat(excluded).containsExactly("p2p0");
    }

    @Test
    void candidates_interfaceChanges_seenAfterTwoSeconds() {
        CandidateGatherer gatherer = gatherer();
        assertThat(gatherer.candidates(List.of())).isEmpty();
        interfaces.add(endpoint(Endpoint.Kind.UDP, "198.51.100.4"));

        nowNanos += 1_900_000_000L;
        assertThat(gatherer.candidates(List.of())).isEmpty();
        nowNanos += 200_000_000L;
        assertThat(gatherer.candidates(List.of())).isEqualTo(interfaces);
    }

    private static Endpoint endpoint(Endpoint.Kind kind, String address) {
        try {
            return Endpoint.of(kind, InetAddress.getByName(address), 4001);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private final class InterfacesOnly implements Transport {
        @Override
        public void setReceiver(Receiver receiver) {}

        @Override
        public boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            return false;
        }

        @Override
        public void flush() {}

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void close(Endpoint remote) {}

        @Override
        public List<Endpoint> boundEndpoints() {
            return List.of();
        }

        @Override
        public List<Endpoint> interfaceEndpoints(List<String> excludedDevices) {
            excluded = excludedDevices;
            return List.copyOf(interfaces);
        }
    }
}

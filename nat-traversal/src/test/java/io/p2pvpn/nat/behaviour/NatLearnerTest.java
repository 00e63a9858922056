package io.p2pvpn.nat.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.nat.Dependence;
import io.p2pvpn.overlay.nat.NatFacts.Passage;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NatLearnerTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private long nowNanos = -SECOND_NANOS;
    private final List<Endpoint> interfaces = new ArrayList<>(List.of(udp("192.168.1.2", 4001)));
    private final NatLearner learner = new NatLearner(new SetClock(), () -> interfaces);

    private final class SetClock implements Clock {
        @Override
        public long nanoTime() {
            return nowNanos;
        }

        @Override
        public long epochMillis() {
            return 0;
        }
    }

    private static Endpoint udp(String host, int port) {
        return endpoint(Endpoint.Kind.UDP, host, port);
    }

    private static Endpoint endpoint(Endpoint.Kind kind, String host, int port) {
        try {
            return Endpoint.of(kind, InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void seen(String by, int byPort, int outsidePort) {
        learner.onObserved(udp(by, byPort), udp("203.0.113.9", outsidePort));
    }

    private Dependence mapping() {
        return learner.facts().mapping();
    }

    @Test
    void mapping_nothingOrOnePeer_isUnknown() {
        assertThat(mapping()).isEqualTo(Dependence.UNKNOWN);
        assertThat(learner.facts().udp()).isEqualTo(Passage.UNKNOWN);
        assertThat(learner.preservesPorts()).isNull();
        seen("198.51.100.1", 1, 7000);
        assertThat(mapping()).isEqualTo(Dependence.UNKNOWN);
        assertThat(learner.facts().udp()).isEqualTo(Passage.PASSES);
    }

    @Test
    void mapping_onePeerSeesOurInterface_thereIsNoBox() {
        interfaces.add(udp("203.0.113.9", 4001));
        seen("198.51.100.1", 1, 4001);
        assertThat(mapping()).isEqualTo(Dependence.ENDPOINT_INDEPENDENT);
        assertThat(learner.preservesPorts()).isTrue();
    }

    @Test
    void mapping_allSeeTheSame_isEndpointIndependent() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.2", 1, 7000);
        assertThat(mapping()).isEqualTo(Dependence.ENDPOINT_INDEPENDENT);
        assertThat(learner.outside()).containsExactly(udp("203.0.113.9", 7000));
        assertThat(learner.preservesPorts()).isFalse();
    }

    @Test
    void mapping_eachAddressSeesAnother_isDependent() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.2", 1, 7001);
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
    }

    @Test
    void mapping_portsOfOneAddressSeeTheSame_isAddressDependent() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.1", 2, 7000);
        seen("198.51.100.2", 1, 7001);
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_DEPENDENT);
    }

    @Test
    void mapping_portsOfOneAddressSeeOthers_isAddressAndPortDependent() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.1", 2, 7001);
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
    }

    @Test
    void mapping_ofOldReports_countsNoMoreButIsNotContradictedByOne() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.2", 1, 7001);
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
        nowNanos += NatLearner.FRESH_NANOS + 1;
        seen("198.51.100.1", 1, 7002);
        assertThat(learner.outside()).containsExactly(udp("203.0.113.9", 7002));
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
        seen("198.51.100.2", 1, 7002);
        assertThat(mapping()).isEqualTo(Dependence.ENDPOINT_INDEPENDENT);
    }

    @Test
    void mapping_peersNearBy_countOnlyWithoutFarOnes() {
        learner.onObserved(udp("192.168.1.3", 1), udp("192.168.1.2", 4001));
        assertThat(learner.outside()).containsExactly(udp("192.168.1.2", 4001));
        assertThat(mapping()).isEqualTo(Dependence.ENDPOINT_INDEPENDENT);
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.2", 1, 7001);
        assertThat(learner.outside()).containsExactly(udp("203.0.113.9", 7001), udp("203.0.113.9", 7000));
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
    }

    @Test
    void mapping_ipv6_saysNothing() {
        learner.onObserved(udp("2001:db8::1", 1), udp("2001:db8::9", 4001));
        assertThat(learner.outside()).isEmpty();
        assertThat(mapping()).isEqualTo(Dependence.UNKNOWN);
    }

    @Test
    void reports_ofManyPeers_areBounded() {
        for (int i = 1; i <= 3 * NatLearner.REPORTS_MAX; i++) {
            seen("198.51.100." + (i % 250 + 1), i, 7000 + i);
        }
        assertThat(learner.outside()).hasSize(NatLearner.REPORTS_MAX);
    }

    @Test
    void ports_thatCount_arePredicted() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.2", 1, 7002);
        assertThat(learner.ports()).isNull();
        seen("198.51.100.3", 1, 7004);
        assertThat(learner.ports()).isEqualTo(new PortSequence(7006, 2));
        seen("198.51.100.1", 1, 7006);
        assertThat(learner.ports()).isEqualTo(new PortSequence(7008, 2));
    }

    @Test
    void udp_onlyStreamsAnswer_isBlockedAfterAWhile() {
        Endpoint stream = endpoint(Endpoint.Kind.TCP, "198.51.100.1", 1);
        learner.onObserved(stream, endpoint(Endpoint.Kind.TCP, "203.0.113.9", 9));
        assertThat(learner.facts().udp()).isEqualTo(Passage.UNKNOWN);
        nowNanos += NatLearner.BLOCKED_NANOS;
        assertThat(learner.facts().udp()).isEqualTo(Passage.BLOCKED);
        seen("198.51.100.1", 1, 7000);
        assertThat(learner.facts().udp()).isEqualTo(Passage.PASSES);
        nowNanos += NatLearner.FRESH_NANOS + 1;
        assertThat(learner.facts().udp()).isEqualTo(Passage.UNKNOWN);
        learner.onObserved(stream, endpoint(Endpoint.Kind.TCP, "203.0.113.9", 9));
        assertThat(learner.facts().udp()).isEqualTo(Passage.UNKNOWN);
    }

    @Test
    void filtering_byChecks_isNarrowedDown() {
        assertThat(learner.facts().filtering()).isEqualTo(Dependence.UNKNOWN);
        learner.onFilterChecked(false);
        assertThat(learner.facts().filtering()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
        learner.onFilterChecked(true);
        assertThat(learner.facts().filtering()).isEqualTo(Dependence.ADDRESS_DEPENDENT);
        learner.onUnaskedReceived();
        learner.onFilterChecked(true);
        assertThat(learner.facts().filtering()).isEqualTo(Dependence.ENDPOINT_INDEPENDENT);
        learner.onFilterChecked(false);
        assertThat(learner.facts().filtering()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
    }

    @Test
    void reset_inAnotherNetwork_forgetsAll() {
        seen("198.51.100.1", 1, 7000);
        seen("198.51.100.2", 1, 7001);
        learner.onUnaskedReceived();
        learner.onHairpinChecked(true);
        assertThat(learner.hairpin()).isEqualTo(Passage.PASSES);
        assertThat(mapping()).isEqualTo(Dependence.ADDRESS_AND_PORT_DEPENDENT);
        learner.reset();
        assertThat(learner.facts()).isEqualTo(io.p2pvpn.overlay.nat.NatFacts.UNKNOWN);
        assertThat(learner.hairpin()).isEqualTo(Passage.UNKNOWN);
    }
}

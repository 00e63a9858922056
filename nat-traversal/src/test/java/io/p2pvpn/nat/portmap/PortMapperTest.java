package io.p2pvpn.nat.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PortMapperTest {
    private static final Endpoint UDP_4001 = endpoint(Kind.UDP, 45, 67, 113, 18, 4001);
    private static final Endpoint TCP_4001 = UDP_4001.withKind(Kind.TCP);

    private final VirtualRuntime runtime =
            new VirtualRuntime(endpoint(Kind.UDP, 0, 0, 0, 0, 4001), endpoint(Kind.TCP, 0, 0, 0, 0, 4001));
    private final FakeRouter router = new FakeRouter(runtime);
    private final List<Endpoint> observed = new ArrayList<>();
    private int changes;

    private PortMapper mapper(PortMapping mode) {
        PortMapper mapper = new PortMapper(runtime, router, mode, List::of, () -> observed, () -> changes++);
        mapper.start();
        return mapper;
    }

    private void speak(PortMapping protocol) {
        router.pcp = protocol == PortMapping.PCP;
        router.natPmp = protocol == PortMapping.NAT_PMP;
        router.upnp = protocol == PortMapping.UPNP;
    }

    private long count(String counter) {
        return runtime.counters().counter(counter).value();
    }

    // ------------------------------------------------------------------- each protocol

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void start_routerSpeaksOneProtocol_bothPortsAreMappedByIt(PortMapping protocol) {
        speak(protocol);
        PortMapper mapper = mapper(PortMapping.AUTO);
        assertThat(mapper.protocol()).isEqualTo("none");

        runtime.run(5);

        assertThat(mapper.protocol()).isEqualTo(protocol.word());
        assertThat(mapper.endpoints()).containsExactly(UDP_4001, TCP_4001);
        assertThat(mapper.isBehindAnotherNat()).isFalse();
        assertThat(changes).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void close_mapped_routerHasForgotten(PortMapping protocol) {
        speak(protocol);
        PortMapper mapper = mapper(protocol);
        runtime.run(5);
        assertThat(router.mapped).hasSize(2);

        var closed = mapper.close();
        runtime.run(1);

        assertThat(closed).isDone();
        assertThat(router.mapped).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void renewal_halfOfLifetimeOver_samePortsAskedAgain(PortMapping protocol) {
        speak(protocol);
        router.externalPortShift = 1000;
        PortMapper mapper = mapper(protocol);
        runtime.run(5);
        List<Endpoint> before = mapper.endpoints();
        router.mapped.clear();
        router.externalPortShift = 0;

        runtime.run(50);
        assertThat(router.mapped).isEmpty();
        runtime.run(260);

        assertThat(router.mapped.values()).containsOnly(before.get(0).port());
        assertThat(mapper.endpoints()).isEqualTo(before);
        assertThat(changes).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void check_routerHasRestarted_mappedAgainWithinAMinute(PortMapping protocol) {
        speak(protocol);
        PortMapper mapper = mapper(protocol);
        runtime.run(20);
        router.restart();

        runtime.run(65);

        assertThat(router.mapped).hasSize(2);
        assertThat(mapper.endpoints()).containsExactly(UDP_4001, TCP_4001);
        assertThat(count("portmap.restarts")).isPositive();
    }

    @Test
    void check_upnpDeviceServesElsewhereSinceItsRestart_foundAgain() {
        speak(PortMapping.UPNP);
        PortMapper mapper = mapper(PortMapping.UPNP);
        runtime.run(20);
        router.restart();
        router.httpPort = 5001;

        runtime.run(65);

        assertThat(router.mapped).hasSize(2);
        assertThat(mapper.protocol()).isEqualTo("upnp");
    }

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void renewal_routerIsGone_offeredUntilExpiryThenLost(PortMapping protocol) {
        speak(protocol);
        PortMapper mapper = mapper(protocol);
        runtime.run(5);
        speak(PortMapping.OFF);

        runtime.run(590);
        assertThat(mapper.endpoints()).hasSize(2);
        runtime.run(20);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(mapper.protocol()).isEqualTo("none");
        assertThat(changes).isEqualTo(2);
    }

    @Test
    void renewal_refused_otherProtocolIsFound() {
        speak(PortMapping.PCP);
        PortMapper mapper = mapper(PortMapping.AUTO);
        runtime.run(5);
        router.result = 2;
        router.upnp = true;
        runtime.run(310);
        router.result = 0;
        router.pcp = false;

        runtime.run(30);

        assertThat(mapper.protocol()).isEqualTo("upnp");
    }

    // ------------------------------------------------------------------------ retries

    @Test
    void start_firstDatagramsLost_thirdSucceeds() {
        speak(PortMapping.PCP);
        router.lost = 2;
        PortMapper mapper = mapper(PortMapping.PCP);

        runtime.run(0.7);
        assertThat(mapper.endpoints()).isEmpty();
        runtime.run(0.2);

        assertThat(mapper.endpoints()).hasSize(2);
    }

    @Test
    void start_nobodyAnswers_triesEverMoreRarely() {
        mapper(PortMapping.PCP);
        runtime.run(120);
        int inTwoMinutes = router.calls.size() / 3;
        runtime.run(3600);
        router.calls.clear();
        runtime.run(3600);

        assertThat(inTwoMinutes).isBetween(3, 5);
        assertThat(router.calls.size() / 3).isBetween(5, 7);
    }

    @Test
    void interfacesChange_longWaitAhead_triedAtOnce() {
        PortMapper mapper = mapper(PortMapping.AUTO);
        runtime.run(3000);
        speak(PortMapping.NAT_PMP);
        runtime.setInterfaces(List.of(endpoint(Kind.UDP, 192, 168, 1, 20, 4001)));

        runtime.run(5);

        assertThat(mapper.protocol()).isEqualTo("nat-pmp");
    }

    @Test
    void observedAddressChanges_triedAtOnce_portsAlone_not() {
        observed.add(endpoint(Kind.UDP, 45, 67, 113, 18, 9));
        mapper(PortMapping.PCP);
        runtime.run(3000);
        router.calls.clear();

        observed.add(endpoint(Kind.UDP, 45, 67, 113, 18, 10));
        runtime.run(5);
        assertThat(router.calls).isEmpty();
        observed.add(endpoint(Kind.UDP, 45, 67, 113, 19, 10));
        runtime.run(5);

        assertThat(router.calls).isNotEmpty();
    }

    @Test
    void observedAddresses_madeUp_causeFewRounds() {
        mapper(PortMapping.PCP);
        runtime.run(3000);
        router.calls.clear();

        for (int i = 1; i <= 30; i++) {
            observed.add(endpoint(Kind.UDP, 45, 67, 113, i, 9));
            runtime.run(2);
        }

        assertThat(router.calls.size() / 3).isBetween(5, 13);
    }

    @Test
    void gatewayChanges_oldMappingIsNotOfferedAnyMore() {
        speak(PortMapping.PCP);
        PortMapper mapper = mapper(PortMapping.PCP);
        runtime.run(5);
        router.gateway = null;
        runtime.setInterfaces(List.of(endpoint(Kind.UDP, 10, 0, 0, 2, 4001)));

        runtime.run(5);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(mapper.protocol()).isEqualTo("none");
    }

    // -------------------------------------------------------------------- odd routers

    @Test
    void start_natPmpOnly_versionErrorOfPcpSavesTheWait() {
        speak(PortMapping.NAT_PMP);
        PortMapper mapper = mapper(PortMapping.AUTO);

        runtime.run(0.1);

        assertThat(mapper.protocol()).isEqualTo("nat-pmp");
    }

    @Test
    void start_refused_nothingMapped() {
        speak(PortMapping.PCP);
        router.result = 2;
        PortMapper mapper = mapper(PortMapping.PCP);

        runtime.run(5);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(count("portmap.failed")).isEqualTo(1);
    }

    @Test
    void start_answersFromAnotherAddress_dropped() {
        speak(PortMapping.PCP);
        router.from = endpoint(Kind.UDP, 192, 168, 1, 66, 5351);
        PortMapper mapper = mapper(PortMapping.PCP);

        runtime.run(5);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(count("portmap.drop.sender")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void start_answersCutOff_nothingMappedAndCounted(PortMapping protocol) {
        speak(protocol);
        router.spoil = bytes -> Arrays.copyOf(bytes, bytes.length / 2);
        PortMapper mapper = mapper(protocol);

        runtime.run(10);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(count("portmap.drop.malformed")).isPositive();
    }

    @Test
    void start_pcpAnswerWithAnotherNonce_dropped() {
        speak(PortMapping.PCP);
        router.spoil = bytes -> {
            bytes[30] ^= 1;
            return bytes;
        };
        PortMapper mapper = mapper(PortMapping.PCP);

        runtime.run(5);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(count("portmap.drop.malformed")).isEqualTo(3);
    }

    @Test
    void start_externalAddressIsShared_offeredAndNoted() {
        speak(PortMapping.PCP);
        router.external = new byte[] {100, 64, 3, 4};
        PortMapper mapper = mapper(PortMapping.PCP);

        runtime.run(5);

        assertThat(mapper.endpoints()).contains(endpoint(Kind.UDP, 100, 64, 3, 4, 4001));
        assertThat(mapper.isBehindAnotherNat()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"PCP", "NAT_PMP", "UPNP"})
    void start_externalAddressIsLoopback_notOffered(PortMapping protocol) {
        speak(protocol);
        router.external = new byte[] {127, 0, 0, 1};
        PortMapper mapper = mapper(protocol);

        runtime.run(10);

        assertThat(mapper.endpoints()).isEmpty();
    }

    @Test
    void start_upnpKnowsNoLeases_mappedWithoutOne() {
        speak(PortMapping.UPNP);
        router.permanentOnly = true;
        PortMapper mapper = mapper(PortMapping.UPNP);

        runtime.run(5);

        assertThat(mapper.endpoints()).containsExactly(UDP_4001, TCP_4001);
    }

    @Test
    void start_upnpPortTaken_anotherIsAsked() {
        speak(PortMapping.UPNP);
        router.portTaken = 4001;
        PortMapper mapper = mapper(PortMapping.UPNP);

        runtime.run(5);

        assertThat(mapper.endpoints()).hasSize(2).doesNotContain(UDP_4001);
    }

    @Test
    void start_upnpVersion2_routerChoosesThePort() {
        speak(PortMapping.UPNP);
        router.version2 = true;
        PortMapper mapper = mapper(PortMapping.UPNP);

        runtime.run(5);

        assertThat(router.calls).contains("AddAnyPortMapping").doesNotContain("AddPortMapping");
        assertThat(mapper.endpoints().get(0).port()).isEqualTo(7777);
    }

    @Test
    void start_upnpDescriptionElsewhere_notFetched() {
        speak(PortMapping.UPNP);
        router.locationHost = "192.168.1.66";
        PortMapper mapper = mapper(PortMapping.UPNP);

        runtime.run(10);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(router.calls).isEmpty();
    }

    @Test
    void start_upnpControlElsewhere_notCalled() {
        speak(PortMapping.UPNP);
        router.controlUrl = "http://192.168.1.66:5000/ctl";
        PortMapper mapper = mapper(PortMapping.UPNP);

        runtime.run(10);

        assertThat(mapper.endpoints()).isEmpty();
        assertThat(router.calls).isEmpty();
    }

    @Test
    void start_off_nobodyIsAsked() {
        speak(PortMapping.PCP);
        PortMapper mapper = mapper(PortMapping.OFF);

        runtime.run(100);

        assertThat(mapper.protocol()).isEqualTo("none");
        assertThat(router.calls).isEmpty();
    }

    @Test
    void start_boundToLoopback_nobodyIsAsked() {
        VirtualRuntime local = new VirtualRuntime(endpoint(Kind.UDP, 127, 0, 0, 1, 4001));
        new PortMapper(local, router, PortMapping.AUTO, List::of, List::of, () -> changes++).start();

        local.run(100);

        assertThat(router.calls).isEmpty();
    }

    @Test
    void close_routerIsSilent_completesAfterASecond() {
        speak(PortMapping.PCP);
        PortMapper mapper = mapper(PortMapping.PCP);
        runtime.run(5);
        speak(PortMapping.OFF);

        var closed = mapper.close();
        runtime.run(0.9);
        assertThat(closed).isNotDone();
        runtime.run(0.2);

        assertThat(closed).isDone();
    }

    @Test
    void close_whileAsking_whatWasGrantedIsGivenBack() {
        speak(PortMapping.PCP);
        PortMapper mapper = mapper(PortMapping.PCP);

        var closed = mapper.close();
        runtime.run(1);

        assertThat(closed).isDone();
        assertThat(router.mapped).isEmpty();
        assertThat(router.calls).contains("pcp 1 600", "pcp 1 0");
    }

    private static Endpoint endpoint(Kind kind, int a, int b, int c, int d, int port) {
        byte[] address = {(byte) a, (byte) b, (byte) c, (byte) d};
        return Endpoint.of(kind, Ipv4Text.address(address), port);
    }
}

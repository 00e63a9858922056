package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.simulator.NatBehaviour.PortChoice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modelled NAT boxes behave as RFC 4787 says boxes of their kind do. */
final class SimNatTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimWorld world = new SimWorld(SimSeeds.seedOr(1));
    private final SimNetwork network = world.network();
    private final Recorder one = new Recorder(network.addHost("one").start());
    private final Recorder other = new Recorder(network.addHost("other").start());

    /** Another port of the first public host. */
    private final Endpoint beside =
            Endpoint.of(Endpoint.Kind.UDP, one.runtime.host().address().address(), 5005);

    private SimNat nat = network.addNat(NatBehaviour.PORT_RESTRICTED);
    private Recorder inside = new Recorder(nat.addHost("inside").start());

    private void build(NatBehaviour behaviour) {
        nat = network.addNat(behaviour);
        inside = new Recorder(nat.addHost("inside").start());
    }

    private static NatBehaviour behaviour(String kind) {
        return switch (kind) {
            case "full-cone" -> NatBehaviour.FULL_CONE;
            case "restricted" -> NatBehaviour.RESTRICTED;
            case "symmetric" -> NatBehaviour.SYMMETRIC;
            default -> NatBehaviour.PORT_RESTRICTED;
        };
    }

    /** Where {@code to} sees the inside host when that writes to it. */
    private Endpoint seenBy(Recorder to) {
        inside.send(to.runtime.host().address(), "hello");
        world.runFor(SECOND);
        return to.senders.get(to.senders.size() - 1);
    }

    @ParameterizedTest
    @CsvSource({"full-cone, true", "restricted, true", "port-restricted, true", "symmetric, false"})
    void mapping_isOrIsNotTheSameForAllDestinations(String kind, boolean same) {
        build(behaviour(kind));
        Endpoint first = seenBy(one);
        Endpoint second = seenBy(other);
        assertThat(first.address()).isEqualTo(nat.outside().address());
        assertThat(first.equals(second)).isEqualTo(same);
        assertThat(seenBy(one)).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({
        "full-cone, true, true",
        "restricted, true, false",
        "port-restricted, false, false",
        "symmetric, false, false",
    })
    void filtering_letsIn(String kind, boolean sameAddress, boolean anybody) {
        build(behaviour(kind));
        Endpoint outside = seenBy(one);
        one.send(outside, "answer");
        network.addHost("beside", beside);
        Recorder neighbour = new Recorder(network.hostAt(beside).start());
        neighbour.send(outside, "beside");
        other.send(outside, "stranger");
        world.runFor(SECOND);
        assertThat(inside.frames).contains("answer");
        assertThat(inside.frames.contains("beside")).isEqualTo(sameAddress);
        assertThat(inside.frames.contains("stranger")).isEqualTo(anybody);
    }

    @Test
    void twoPortRestricted_writingToEachOther_openTheWay() {
        SimNat far = network.addNat(NatBehaviour.PORT_RESTRICTED);
        Recorder peer = new Recorder(far.addHost("peer").start());
        Endpoint outside = seenBy(one);
        peer.send(one.runtime.host().address(), "hello");
        world.runFor(SECOND);
        Endpoint farOutside = one.senders.get(one.senders.size() - 1);
        inside.send(farOutside, "1");
        world.runFor(SECOND);
        assertThat(peer.frames).isEmpty();
        peer.send(outside, "2");
        inside.send(farOutside, "3");
        world.runFor(SECOND);
        assertThat(inside.frames).containsExactly("2");
        assertThat(peer.frames).containsExactly("3");
        assertThat(peer.senders).containsExactly(outside);
    }

    @Test
    void mapping_idleForTooLong_isGone() {
        build(NatBehaviour.PORT_RESTRICTED.withTimeoutNanos(30 * SECOND));
        Endpoint outside = seenBy(one);
        world.runFor(28 * SECOND);
        one.send(outside, "in time");
        world.runFor(2 * SECOND);
        one.send(outside, "late");
        world.runFor(SECOND);
        assertThat(inside.frames).containsExactly("in time");
        assertThat(nat.mappings()).isZero();
    }

    /** What one destination gets does not keep the way open for another. */
    @Test
    void filter_ofADestinationNotWrittenToForTooLong_isClosed() {
        build(NatBehaviour.PORT_RESTRICTED.withTimeoutNanos(30 * SECOND));
        Endpoint outside = seenBy(one);
        for (int i = 0; i < 4; i++) {
            world.runFor(10 * SECOND);
            seenBy(other);
        }
        one.send(outside, "closed");
        other.send(outside, "open");
        world.runFor(SECOND);
        assertThat(inside.frames).containsExactly("open");
    }

    /** A port whose mapping is over is free again. */
    @Test
    void port_ofAMappingThatIsOver_isGivenAgain() {
        Recorder second = new Recorder(nat.addHost("second").start());
        assertThat(seenBy(one).port()).isEqualTo(SimNetwork.DEFAULT_PORT);
        world.runFor(200 * SECOND);
        second.send(one.runtime.host().address(), "x");
        world.runFor(SECOND);
        assertThat(one.senders.get(1).port()).isEqualTo(SimNetwork.DEFAULT_PORT);
    }

    @Test
    void flushedOrMoved_aBoxForgets() {
        Endpoint outside = seenBy(one);
        nat.flush();
        one.send(outside, "lost");
        world.runFor(SECOND);
        assertThat(inside.frames).isEmpty();
        nat.setOutside(Endpoint.of(Endpoint.Kind.UDP, new byte[] {12, 99, 0, 1}, 4001));
        assertThat(seenBy(one).address().getHostAddress()).isEqualTo("12.99.0.1");
    }

    @Test
    void ports_arePreservedOrCountedOn() {
        Recorder second = new Recorder(nat.addHost("second").start());
        assertThat(seenBy(one).port()).isEqualTo(SimNetwork.DEFAULT_PORT);
        second.send(one.runtime.host().address(), "x");
        world.runFor(SECOND);
        assertThat(one.senders.get(1).port()).isEqualTo(SimNetwork.DEFAULT_PORT + 1);
        build(NatBehaviour.SYMMETRIC.withPorts(PortChoice.SEQUENTIAL));
        int port = seenBy(one).port();
        assertThat(seenBy(other).port()).isEqualTo(port + 1);
    }

    @Test
    void hairpin_worksOnlyWhereTheBoxDoesIt() {
        for (boolean hairpinning : new boolean[] {false, true}) {
            build(NatBehaviour.FULL_CONE.withHairpinning(hairpinning));
            Recorder second = new Recorder(nat.addHost("second").start());
            Endpoint outside = seenBy(one);
            second.send(outside, "turn");
            world.runFor(SECOND);
            assertThat(inside.frames).isEqualTo(hairpinning ? List.of("turn") : List.of());
            second.send(inside.runtime.host().address(), "straight");
            world.runFor(SECOND);
            assertThat(inside.frames).contains("straight");
        }
    }

    @Test
    void boxBehindABox_translatesTwice() {
        SimNat carrier = network.addNat(NatBehaviour.PORT_RESTRICTED);
        nat = carrier.addNat(NatBehaviour.PORT_RESTRICTED);
        inside = new Recorder(nat.addHost("inside").start());
        Endpoint outside = seenBy(one);
        assertThat(outside.address()).isEqualTo(carrier.outside().address());
        long startNanos = world.nanoTime();
        network.setDefaultLink(LinkModel.constantDelay(SECOND / 4));
        one.send(outside, "in");
        other.send(outside, "out");
        world.runFor(SECOND);
        assertThat(inside.frames).containsExactly("in");
        assertThat(inside.arrivalsNanos).containsExactly(startNanos + SECOND / 4);
    }

    @Test
    void udpBlocked_nothingPasses_andIsCounted() {
        nat.setPassesUdp(false);
        inside.send(one.runtime.host().address(), "x");
        world.runFor(SECOND);
        assertThat(one.frames).isEmpty();
        assertThat(network.counters().counter("sim.drop.nat").value()).isEqualTo(1);
    }

    @Test
    void streams_goOut_andNotIn() {
        Endpoint server = one.runtime.host().address().withKind(Endpoint.Kind.TCP);
        inside.send(server, "over a stream");
        world.runFor(SECOND);
        assertThat(one.frames).containsExactly("over a stream");
        Endpoint client = one.senders.get(0);
        assertThat(client.address()).isEqualTo(nat.outside().address());
        one.send(client, "back");
        other.send(nat.outside().withKind(Endpoint.Kind.TCP), "in");
        world.runFor(20 * SECOND);
        assertThat(inside.frames).containsExactly("back");
    }

    @Test
    void mappings_areBounded() {
        build(NatBehaviour.SYMMETRIC);
        for (int port = 1; port <= SimNat.MAPPINGS_MAX + 100; port++) {
            inside.send(
                    Endpoint.of(Endpoint.Kind.UDP, one.runtime.host().address().address(), port), "x");
        }
        assertThat(nat.mappings()).isEqualTo(SimNat.MAPPINGS_MAX);
    }
}

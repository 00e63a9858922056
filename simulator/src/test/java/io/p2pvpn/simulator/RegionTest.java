package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.simulator.LinkModel.Jitter;
import io.p2pvpn.simulator.latency.LatencyMatrix;
import io.p2pvpn.simulator.latency.SiteLatency;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RegionTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private final SimWorld world = new SimWorld(SimSeeds.seedOr(1));
    private final SimNetwork network = world.network();

    private List<Recorder> divide(int hosts, int regions, long lookaheadNanos) {
        world.divide(new RegionPlan(regions, host -> host % regions, lookaheadNanos));
        List<Recorder> nodes = new ArrayList<>();
        for (int i = 0; i < hosts; i++) {
            nodes.add(new Recorder(network.addHost("n" + i).start()));
        }
        return nodes;
    }

    @Test
    void datagrams_withinAndBetweenRegions_arriveWhenTheyWouldInOne() {
        List<Recorder> nodes = divide(4, 2, 10 * MILLI);
        Recorder first = nodes.get(0);
        for (int to = 1; to < 4; to++) {
            first.send(nodes.get(to).runtime.host().address(), "to" + to);
        }
        first.runtime
                .timers()
                .schedule(
                        3 * MILLI, () -> first.send(nodes.get(1).runtime.host().address(), "late"));
        world.runFor(SECOND);
        assertThat(nodes.get(1).frames).containsExactly("to1", "late");
        assertThat(nodes.get(1).arrivalsNanos).containsExactly(10 * MILLI, 13 * MILLI);
        assertThat(nodes.get(2).arrivalsNanos).containsExactly(10 * MILLI);
        assertThat(nodes.get(3).arrivalsNanos).containsExactly(10 * MILLI);
        assertThat(network.counters().counter("sim.sent").value()).isEqualTo(4);
        assertThat(network.counters().counter("sim.delivered").value()).isEqualTo(4);
        assertThat(world.nanoTime()).isEqualTo(SECOND);
    }

    @Test
    void datagram_fasterThanTheLookahead_isAnError() {
        List<Recorder> nodes = divide(2, 2, 20 * MILLI);
        Endpoint other = nodes.get(1).runtime.host().address();
        nodes.get(0).runtime.timers().schedule(MILLI, () -> nodes.get(0).send(other, "x"));
        assertThatThrownBy(() -> world.runFor(SECOND))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("faster from region to region")
                .satisfies(failure -> assertThat(failure.getSuppressed()[0]).hasMessageContaining("world of seed"));
    }

    @Test
    void failure_onAnotherThread_endsTheRun() {
        List<Recorder> nodes = divide(2, 2, 10 * MILLI);
        nodes.get(1).runtime.timers().schedule(MILLI, () -> {
            throw new IllegalArgumentException("of a node");
        });
        assertThatThrownBy(() -> world.runFor(SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("of a node");
    }

    @Test
    void streams_betweenRegions_keepOrderAndEnd() {
        List<Recorder> nodes = divide(2, 2, MILLI);
        network.setDefaultLink(
                LinkModel.CLEAN.withDelay(MILLI, 5 * MILLI, Jitter.EXPONENTIAL).withLoss(0.2));
        Recorder a = nodes.get(0);
        Recorder b = nodes.get(1);
        Endpoint toB = b.runtime.host().address().withKind(Endpoint.Kind.TCP);
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String frame = i + ";";
            sent.append(frame);
            a.runtime.timers().schedule(i * MILLI, () -> a.send(toB, frame));
        }
        a.runtime.timers().schedule(SECOND, () -> a.runtime.transport().close(toB));
        world.runFor(10 * SECOND);
        assertThat(String.join("", b.frames)).isEqualTo(sent.toString());
        assertThat(b.closed).containsExactly(b.senders.get(0));
    }

    @Test
    void after_fromANode_happensWhileAllStandStill_notBeforeItIsDue() {
        List<Recorder> nodes = divide(2, 2, 10 * MILLI);
        List<Long> times = new ArrayList<>();
        nodes.get(1).runtime.timers().schedule(MILLI, () -> world.after(0, () -> times.add(world.nanoTime())));
        nodes.get(0).runtime.timers().schedule(MILLI, () -> world.after(SECOND, () -> times.add(world.nanoTime())));
        nodes.get(0).runtime.timers().schedule(2 * MILLI, () -> {});
        world.runFor(2 * SECOND);
        assertThat(times).containsExactly(11 * MILLI, SECOND + MILLI);
    }

    @Test
    void report_ofSeveralRegions_isGivenInTheOrderOfTime() {
        List<Recorder> nodes = divide(3, 3, 10 * MILLI);
        List<String> told = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Timers timers = nodes.get(i).runtime.timers();
            for (int k = 0; k < 3; k++) {
                String what = k + "/" + i;
                timers.schedule(MILLI * (1 + k), () -> world.report(() -> told.add(what)));
            }
        }
        world.after(5 * MILLI, () -> world.report(() -> told.add("scenario")));
        world.runFor(SECOND);
        assertThat(told).containsExactly("0/0", "0/1", "0/2", "1/0", "1/1", "1/2", "2/0", "2/1", "2/2", "scenario");
    }

    @Test
    void divided_worldsWithBoxesOrRoamingHosts_areRefused() {
        List<Recorder> nodes = divide(2, 2, 10 * MILLI);
        assertThatThrownBy(() -> network.addNat(NatBehaviour.FULL_CONE)).isInstanceOf(IllegalStateException.class);
        SimHost host = nodes.get(0).runtime.host();
        assertThatThrownBy(() -> host.roam(host.address())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> world.divide(new RegionPlan(2, each -> 0, 1)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new RegionPlan(1, each -> 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RegionPlan(2, each -> 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Lost and jittered datagrams, crashes, good-byes, writes and look-ups: the same again, but for another seed. */
    @Test
    void digest_ofChurnInRegions_dependsOnTheSeedOnly() {
        String once = churn(1);
        assertThat(churn(1)).isEqualTo(once);
        assertThat(churn(2)).isNotEqualTo(once);
    }

    private static String churn(long seed) {
        LinkModel shape = LinkModel.CLEAN.withLoss(0.01);
        SiteLatency latency = new SiteLatency(LatencyMatrix.planetLab(), seed, shape, 5 * MILLI);
        DhtWorld dhts = new DhtWorld(seed, LinkModel.CLEAN);
        dhts.world().divide(latency.regions(3));
        dhts.world().network().setLinkPolicy(latency);
        assertThat(dhts.start(12, 120 * SECOND)).isTrue();
        DhtChurn churn = new DhtChurn(dhts, new DhtChurn.Options(12, 30 * SECOND, 30 * SECOND, 5, 30 * SECOND));
        churn.run();
        assertThat(churn.lookUps()).isGreaterThan(50);
        assertThat(churn.crashes() + churn.leaves()).isPositive();
        assertThat(churn.wrong()).isZero();
        assertThat(churn.lost()).isZero();
        return dhts.world().digest();
    }
}

package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.simulator.RingShape;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.SimHost;
import io.p2pvpn.simulator.VpnMember;
import io.p2pvpn.simulator.plot.Chart;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whole nodes, as daemons run them, join an open namespace one after the other, whose members are a few of a large
 * public ring. Each starts with nothing but the address of one public node drawn at random.
 *
 * <p>The clock starts when the node does. Measured are when it is a member of the public ring, when its part of the
 * private ring is what the sorted IDs of the members say, and when it holds an address, which others have confirmed.
 */
final class PrivateJoinScenario implements Scenario {
    private static final String NAMESPACE = "lab";
    private static final Parameter MEMBERS =
            new Parameter("members", "members of the namespace before the first join that counts", 1, 1000, 8);
    private static final Parameter JOINS = new Parameter("joins", "how many joins count", 1, 10_000, 30);
    private static final int MTU_BYTES = 1400;
    private static final long GAP_NANOS = 5 * Simulation.SECOND_NANOS;
    private static final long LIMIT_NANOS = 180 * Simulation.SECOND_NANOS;
    private static final long DELAY_NANOS = 100_000_000;

    private static final Profile PROFILE = new Profile(
            "private-join",
            "nodes join a namespace of a few among many public nodes: how long until each is a member",
            200,
            2,
            100_000,
            0,
            Links.constant(DELAY_NANOS),
            List.of(MEMBERS, JOINS));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        if (simulation.settings().hosts().modelled()) {
            throw new SimulationException("whole nodes have no other crypto than the true one");
        }
        int before = simulation.settings().count(MEMBERS.name());
        int joins = simulation.settings().count(JOINS.name());
        simulation.start((before + joins) * (GAP_NANOS + 3 * Simulation.SECOND_NANOS));
        List<VpnMember> members = new ArrayList<>();
        for (int i = 0; i < before; i++) {
            joinOne(simulation, members);
        }
        List<Join> counted = new ArrayList<>();
        for (int i = 0; i < joins; i++) {
            counted.add(joinOne(simulation, members));
        }
        return outcome(simulation, before, counted);
    }

    /** When what was reached, in seconds since the start. */
    private record Join(double publicSeconds, double ringSeconds, double memberSeconds) {}

    private static Outcome outcome(Simulation simulation, int before, List<Join> joins) {
        Samples publicRing = new Samples();
        Samples privateRing = new Samples();
        Samples member = new Samples();
        for (Join join : joins) {
            publicRing.add(join.publicSeconds());
            privateRing.add(join.ringSeconds());
            member.add(join.memberSeconds());
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("joins", joins.size());
        metrics.put("publicRingSeconds", publicRing.summary(50, 90, 99));
        metrics.put("privateRingSeconds", privateRing.summary(50, 90, 99));
        metrics.put("memberSeconds", member.summary(50, 90, 99));
        Chart chart = new Chart(
                        "One node joins a namespace of " + before + " among "
                                + simulation.settings().nodes(),
                        "seconds since it started",
                        "share of the joins")
                .add(publicRing.distribution("member of the public ring", joins.size()))
                .add(privateRing.distribution("private ring right", joins.size()))
                .add(member.distribution("member with an address", joins.size()));
        return new Outcome(metrics, chart);
    }

    private static Join joinOne(Simulation simulation, List<VpnMember> members) throws SimulationException {
        Member bootstrap = simulation.dhts().drawJoined();
        if (bootstrap == null) {
            throw new SimulationException("there is no member to join by");
        }
        SimHost host = simulation.world().network().addHost("m" + members.size());
        VpnMember newcomer = new VpnMember(host, NAMESPACE);
        members.add(newcomer);
        long startNanos = simulation.world().nanoTime();
        newcomer.start(options(host), List.of(target(bootstrap)));
        simulation.watch(host, newcomer.daemon().node());
        double[] seconds = new double[3];
        boolean done = simulation.runUntil(
                () -> {
                    double now = Simulation.seconds(simulation.world().nanoTime() - startNanos);
                    note(seconds, 0, now, newcomer.daemon().node().publicRing().isJoined());
                    note(seconds, 1, now, isRingRight(newcomer, members));
                    note(seconds, 2, now, newcomer.isMember());
                    return seconds[0] > 0 && seconds[1] > 0 && seconds[2] > 0;
                },
                LIMIT_NANOS);
        if (!done) {
            throw new SimulationException(host.name() + " did not become a member: " + newcomer.failures());
        }
        simulation.runFor(GAP_NANOS);
        return new Join(seconds[0], seconds[1], seconds[2]);
    }

    private static void note(double[] seconds, int what, double now, boolean holds) {
        if (holds && seconds[what] == 0) {
            seconds[what] = now;
        }
    }

    private static boolean isRingRight(VpnMember newcomer, List<VpnMember> members) {
        Membership own = newcomer.membership();
        Ring ring = own == null ? null : own.ring();
        if (ring == null || !ring.isJoined()) {
            return false;
        }
        TreeMap<OverlayId, Ring> rings = new TreeMap<>();
        for (VpnMember member : members) {
            Membership membership = member.membership();
            Ring its = membership == null ? null : membership.ring();
            if (its != null) {
                rings.put(its.self(), its);
            }
        }
        return new RingShape(rings).isRight(ring.self());
    }

    private static MembershipOptions options(SimHost host) {
        return new MembershipOptions(
                NAMESPACE, null, true, null, host.name(), null, null, null, true, MTU_BYTES, false);
    }

    private static BootstrapTarget target(Member member) {
        Endpoint endpoint = member.host().address();
        return new BootstrapTarget(endpoint.address().getHostAddress(), endpoint.port(), null);
    }
}

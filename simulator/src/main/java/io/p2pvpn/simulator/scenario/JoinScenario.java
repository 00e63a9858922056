package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.RingShape;
import io.p2pvpn.simulator.RingWorld;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Nodes join a settled ring, one after the other, each through one member drawn at random.
 *
 * <p>The clock starts when the node does. It is a member when it says so itself, which takes a session with its first
 * neighbour on both sides; its ring is right when the four on each side are those that the sorted IDs say. The floor is
 * the time that the messages alone take which have to follow each other.
 */
final class JoinScenario implements Scenario {
    private static final String JOINS = "joins";
    private static final long GAP_NANOS = 3 * Simulation.SECOND_NANOS;
    private static final long LIMIT_NANOS = 120 * Simulation.SECOND_NANOS;
    private static final long DELAY_NANOS = 100_000_000;

    /** XX handshake; the question goes along with its third message. */
    private static final int BOOTSTRAP_MESSAGES = 2;
    /** IK handshake; the other's status comes along with its second message. */
    private static final int NEIGHBOUR_MESSAGES = 2;

    private static final Profile PROFILE = new Profile(
            "join",
            "nodes join a settled ring one after the other: how long it takes, and what is the floor",
            200,
            2,
            100_000,
            0,
            Links.constant(DELAY_NANOS),
            List.of(new Parameter(JOINS, "how many nodes join, unless a duration is given", 1, 100_000, 50)));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        long durationNanos = simulation.durationNanos();
        int joins = simulation.settings().count(JOINS);
        simulation.start(durationNanos > 0 ? durationNanos : joins * (GAP_NANOS + 2 * Simulation.SECOND_NANOS));
        long endNanos = durationNanos > 0 ? simulation.world().nanoTime() + durationNanos : Long.MAX_VALUE;
        Times times = new Times();
        for (int i = 0; durationNanos > 0 ? simulation.world().nanoTime() < endNanos : i < joins; i++) {
            joinOne(simulation, times);
            simulation.runFor(GAP_NANOS);
        }
        return times.outcome(simulation.settings().nodes());
    }

    /** What is measured of all joins. */
    private static final class Times {
        private final Samples member = new Samples();
        private final Samples right = new Samples();
        private final Samples floor = new Samples();
        private final Samples messages = new Samples();
        private final Samples overFloor = new Samples();

        Outcome outcome(int nodes) {
            Map<String, Object> metrics = new LinkedHashMap<>();
            metrics.put("joins", right.size());
            metrics.put("memberSeconds", member.summary(50, 90, 99));
            metrics.put("rightSeconds", right.summary(50, 90, 99));
            metrics.put("floorSeconds", floor.summary(50, 90, 99));
            metrics.put("floorMessagesMean", Samples.rounded(messages.mean()));
            metrics.put("rightOverFloor", overFloor.summary(50, 90, 99));
            Chart chart = new Chart(
                            "One node joins a ring of " + nodes, "seconds since it started", "share of the joins")
                    .add(right.distribution("ring right", right.size()))
                    .add(member.distribution("member", member.size()))
                    .add(floor.distribution("floor", floor.size()));
            return new Outcome(metrics, chart);
        }
    }

    private static void joinOne(Simulation simulation, Times times) throws SimulationException {
        Member bootstrap = simulation.dhts().drawJoined();
        if (bootstrap == null) {
            throw new SimulationException("there is no member to join by");
        }
        Member newcomer = simulation.ring().add();
        RingShape shape = RingWorld.shape(simulation.ring().members());
        Floor floor = floor(simulation, newcomer, bootstrap, shape);
        long startNanos = simulation.world().nanoTime();
        simulation.ring().bootstrap(newcomer, bootstrap);
        simulation.dhts().serve(newcomer);
        boolean isMember =
                simulation.runUntil(() -> newcomer.node().publicRing().isJoined(), LIMIT_NANOS);
        double memberSeconds = Simulation.seconds(simulation.world().nanoTime() - startNanos);
        if (!isMember || !simulation.runUntil(() -> shape.isRight(newcomer.id()), LIMIT_NANOS)) {
            throw new SimulationException("a node did not get into the ring within "
                    + LIMIT_NANOS / Simulation.SECOND_NANOS + " simulated seconds: " + shape.wrong());
        }
        double rightSeconds = Simulation.seconds(simulation.world().nanoTime() - startNanos);
        times.member.add(memberSeconds);
        times.right.add(rightSeconds);
        times.floor.add(floor.seconds());
        times.messages.add(floor.messages());
        times.overFloor.add(rightSeconds / floor.seconds());
    }

    /** How many messages follow each other, and how long they take. */
    private record Floor(int messages, double seconds) {}

    /**
     * The bootstrap node is called, asked for the newcomer's neighbours, the question goes along the ring to the member
     * that covers the place and the answer back, and the neighbours are called.
     */
    private static Floor floor(Simulation simulation, Member newcomer, Member bootstrap, RingShape shape) {
        TreeMap<OverlayId, Member> members = new TreeMap<>();
        simulation.ring().members().forEach(each -> members.put(each.id(), each));
        long routeNanos = simulation.delayNanos(newcomer.host(), bootstrap.host());
        int hops = 1;
        Member at = bootstrap;
        Member to = next(members, at, newcomer.id());
        while (to != null && hops < members.size()) {
            routeNanos += simulation.delayNanos(at.host(), to.host());
            hops++;
            at = to;
            to = next(members, at, newcomer.id());
        }
        List<OverlayId> neighbours = new ArrayList<>(shape.expected(newcomer.id(), true));
        neighbours.addAll(shape.expected(newcomer.id(), false));
        long furthestNanos = 0;
        for (OverlayId id : neighbours) {
            Member neighbour = members.get(id);
            if (neighbour != null) {
                furthestNanos = Math.max(furthestNanos, simulation.delayNanos(newcomer.host(), neighbour.host()));
            }
        }
        long nanos = BOOTSTRAP_MESSAGES * simulation.delayNanos(newcomer.host(), bootstrap.host())
                + 2 * routeNanos
                + NEIGHBOUR_MESSAGES * furthestNanos;
        return new Floor(BOOTSTRAP_MESSAGES + 2 * hops + NEIGHBOUR_MESSAGES, Simulation.seconds(nanos));
    }

    /** To whom a member passes on what is for that place, or null if it keeps it. */
    private static @Nullable Member next(Map<OverlayId, Member> members, Member at, OverlayId place) {
        OverlayId hop = at.node().publicRing().nextHop(place);
        return hop == null ? null : members.get(hop);
    }
}

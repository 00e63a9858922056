package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.RingShape;
import io.p2pvpn.simulator.RingWorld;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All nodes start at the same moment, and all but the founder call the founder. The clock starts there; a node is right
 * when it has the neighbours that the sorted IDs of all say.
 */
final class MassStartScenario implements Scenario {
    private static final long LOOK_NANOS = Simulation.SECOND_NANOS / 20;
    private static final long LIMIT_NANOS = 600 * Simulation.SECOND_NANOS;
    private static final long DELAY_NANOS = 100_000_000;

    private static final Profile PROFILE = new Profile(
            "mass-start",
            "all nodes start at once, with one of them to call: how long until the ring is right",
            256,
            2,
            100_000,
            0,
            Links.constant(DELAY_NANOS),
            List.of());

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        int nodes = simulation.settings().nodes();
        simulation.excuse("all start at once");
        Member founder = simulation.dhts().found();
        for (int i = 1; i < nodes; i++) {
            simulation.dhts().serve(simulation.ring().join(founder));
        }
        RingShape shape = RingWorld.shape(simulation.ring().members());
        List<OverlayId> ids =
                simulation.ring().members().stream().map(Member::id).toList();
        Samples member = new Samples();
        Samples right = new Samples();
        boolean[] isMember = new boolean[nodes];
        boolean[] isRight = new boolean[nodes];
        boolean done = simulation.runUntil(
                () -> {
                    double seconds = Simulation.seconds(simulation.world().nanoTime());
                    for (int i = 0; i < nodes; i++) {
                        Member each = simulation.ring().members().get(i);
                        if (!isMember[i] && each.node().publicRing().isJoined()) {
                            isMember[i] = true;
                            member.add(seconds);
                        }
                        if (!isRight[i] && shape.isRight(ids.get(i))) {
                            isRight[i] = true;
                            right.add(seconds);
                        }
                    }
                    return right.size() == nodes && simulation.ring().wrong() == null;
                },
                LIMIT_NANOS,
                LOOK_NANOS);
        if (!done) {
            throw new SimulationException(
                    "the ring did not become right within " + LIMIT_NANOS / Simulation.SECOND_NANOS
                            + " simulated seconds: " + simulation.ring().wrong());
        }
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("memberSeconds", member.summary(50, 90));
        metrics.put("rightSeconds", right.summary(50, 90));
        metrics.put("ringRightSeconds", Simulation.seconds(simulation.world().nanoTime()));
        Chart chart = new Chart(nodes + " nodes start at once", "seconds since then", "share of the nodes")
                .add(right.distribution("right", nodes))
                .add(member.distribution("member", nodes));
        return new Outcome(metrics, chart);
    }
}

package io.p2pvpn.simulator;

import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.node.NodeParts;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.ring.RingFactory;
import io.p2pvpn.overlay.ring.RingSteps;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.simulator.RingSchedule.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One run of a schedule: the invariants after every event, then quiet, in which the ring must become right (L1) and
 * stay as it is (L2).
 */
final class RingRun {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000 * MILLI_NANOS;
    private static final long RIGHT_NANOS = 60 * SECOND_NANOS;
    /** Longer than the gap between two stabilisations. */
    private static final long STILL_NANOS = 13 * SECOND_NANOS;
    /** What is on its way when the actions end arrives within this time, clogs included. */
    private static final long IN_FLIGHT_NANOS = 2 * SECOND_NANOS;

    private static final long CLOG_NANOS = 800 * MILLI_NANOS;
    private static final int TARGETS = 2;
    private static final List<Identity> IDENTITIES = identities();
    private static final IdentityCache VERIFIED = new IdentityCache();

    private final RingSchedule schedule;
    private final RingFactory rings;
    private final SimWorld world;
    private final RingInvariants invariants;
    private final SplittableRandom random;
    private final List<SimHost> hosts = new ArrayList<>();
    private final OverlayNode[] nodes = new OverlayNode[RingSchedule.HOSTS_MAX];
    private final List<List<SimHost>> targets = new ArrayList<>();
    private final List<Identity> identities = new ArrayList<>();
    private int skipped;
    private long rightNanos;

    /** Keys are costly to make, and which ones they are does not matter: one pool for all runs of this JVM. */
    private static List<Identity> identities() {
        SimHost host = new SimWorld(1).network().addHost("keys");
        SimRuntime runtime = host.start();
        List<Identity> pool = new ArrayList<>();
        for (int i = 0; i < 6 * RingSchedule.HOSTS_MAX; i++) {
            pool.add(Identity.generate(runtime.keys()));
        }
        return pool;
    }

    RingRun(RingSchedule schedule, RingFactory rings) {
        this.schedule = schedule;
        this.rings = rings;
        this.world = new SimWorld(schedule.seed());
        this.random = new SplittableRandom(schedule.seed());
        world.network().setDefaultLink(schedule.network().link);
        this.invariants = new RingInvariants(world, schedule.network().grace);
        List<Identity> pool = new ArrayList<>(IDENTITIES);
        for (int i = 0; i < RingSchedule.HOSTS_MAX; i++) {
            hosts.add(world.network().addHost("n" + i));
            targets.add(List.of());
            identities.add(pool.remove(random.nextInt(pool.size())));
        }
    }

    /** Throws {@link RingViolation} or {@link AssertionError}. */
    void run() {
        start(0);
        nodes[0].foundPublicRing();
        for (Action action : schedule.actions()) {
            world.run(action.atNanos());
            world.after(0, () -> perform(action));
            world.run(action.atNanos());
        }
        long quietNanos = world.nanoTime();
        restartStranded();
        world.runFor(IN_FLIGHT_NANOS);
        boolean isRight = world.runUntil(() -> invariants.wrong() == null, RIGHT_NANOS, 100 * MILLI_NANOS);
        if (invariants.brokenAssumption() != null) {
            return;
        }
        if (!isRight) {
            throw new AssertionError("L1: " + invariants.wrong() + "\n" + invariants);
        }
        rightNanos = world.nanoTime() - quietNanos;
        long changes = invariants.changes();
        world.runFor(STILL_NANOS);
        if (invariants.changes() != changes || invariants.wrong() != null) {
            throw new AssertionError("L2: " + invariants.wrong() + "\n" + invariants);
        }
    }

    /** How long after the last action the ring was right. */
    long rightNanos() {
        return rightNanos;
    }

    /** Ends of nodes that were left out because the assumption excludes them. */
    int skipped() {
        return skipped;
    }

    RingInvariants invariants() {
        return invariants;
    }

    SimWorld world() {
        return world;
    }

    long events() {
        return world.events();
    }

    private boolean runs(int host) {
        return hosts.get(host).runtime() != null;
    }

    private void perform(Action action) {
        int host = action.host();
        if (!runs(host)) {
            if (action.kind() == RingSchedule.Kind.JOIN) {
                join(host);
            }
            return;
        }
        switch (action.kind()) {
            case FAIL, LEAVE, RESTART -> end(host, action.kind());
            case STABILISE -> RingSteps.stabilise(nodes[host].publicRing());
            case RECTIFY -> RingSteps.notifyNeighbours(nodes[host].publicRing());
            case CLOG -> {
                SimHost other = hosts.get(random.nextInt(hosts.size()));
                world.network().clog(hosts.get(host), other, CLOG_NANOS);
                world.network().clog(other, hosts.get(host), CLOG_NANOS);
            }
            case JOIN -> {}
        }
    }

    private void end(int host, RingSchedule.Kind kind) {
        boolean isLastMember =
                nodes[host].publicRing().isJoined() && membersBesides(host).isEmpty();
        if (isLastMember || (schedule.keepsAssumption() && invariants.isLastHopeOfSomebody(hosts.get(host)))) {
            skipped++;
            return;
        }
        if (kind == RingSchedule.Kind.LEAVE) {
            nodes[host].close();
        }
        hosts.get(host).crash();
        invariants.onStop(hosts.get(host));
        if (kind == RingSchedule.Kind.RESTART) {
            join(host);
        }
    }

    private List<SimHost> membersBesides(int host) {
        List<SimHost> members = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            if (i != host && runs(i) && nodes[i].publicRing().isJoined()) {
                members.add(hosts.get(i));
            }
        }
        return members;
    }

    private void join(int host) {
        start(host);
        List<SimHost> members = membersBesides(host);
        List<SimHost> chosen = new ArrayList<>();
        while (chosen.size() < TARGETS && !members.isEmpty()) {
            chosen.add(members.remove(random.nextInt(members.size())));
        }
        targets.set(host, chosen);
        List<BootstrapTarget> bootstraps = new ArrayList<>();
        for (SimHost target : chosen) {
            bootstraps.add(new BootstrapTarget(
                    target.address().address().getHostAddress(),
                    target.address().port(),
                    null));
        }
        nodes[host].bootstrap(bootstraps);
    }

    private void start(int host) {
        SimRuntime runtime = hosts.get(host).start();
        nodes[host] = new OverlayNode(
                runtime,
                identities.get(host),
                SessionConfig.DEFAULT,
                observed -> runtime.transport().interfaceEndpoints(List.of()),
                new NodeParts(RelayLimits.DEFAULT, VERIFIED, rings));
        invariants.onStart(hosts.get(host), nodes[host], nodes[host].publicRing());
    }

    /** Newcomers whose bootstrap nodes have all gone know nobody; their owners start them again. */
    private void restartStranded() {
        for (int i = 0; i < hosts.size(); i++) {
            boolean isStranded = runs(i)
                    && !nodes[i].publicRing().isJoined()
                    && targets.get(i).stream().allMatch(target -> target.runtime() == null);
            if (isStranded) {
                hosts.get(i).crash();
                invariants.onStop(hosts.get(i));
                join(i);
            }
        }
    }
}

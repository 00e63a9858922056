package io.p2pvpn.simulator.scenario;

import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.simulator.DhtWorld;
import io.p2pvpn.simulator.HostKind;
import io.p2pvpn.simulator.LinkModel;
import io.p2pvpn.simulator.LinkPolicy;
import io.p2pvpn.simulator.ModelCrypto;
import io.p2pvpn.simulator.RingGrace;
import io.p2pvpn.simulator.RingInvariants;
import io.p2pvpn.simulator.RingViolation;
import io.p2pvpn.simulator.RingWorld;
import io.p2pvpn.simulator.SimHost;
import io.p2pvpn.simulator.SimWorld;
import io.p2pvpn.simulator.plot.Chart;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run: a world of nodes that look for their place and serve the DHT, watched while it runs. */
public final class Simulation {
    static final long SECOND_NANOS = RingWorld.SECOND_NANOS;

    private static final int VIOLATIONS_MAX = 5;
    private static final long LOOK_NANOS = SECOND_NANOS;
    /** The invariants are looked at once a second for so many nodes, and as much less often as there are more. */
    private static final int CHECKED_NODES = 1000;

    private static final long START_GAP_NANOS = SECOND_NANOS / 50;
    /** Very many nodes start closer upon each other: the time until the last one has is paid for by all. */
    private static final long START_ALL_NANOS = 200 * SECOND_NANOS;

    private static final long RIGHT_LIMIT_NANOS = 600 * SECOND_NANOS;
    /** Nodes behind boxes have more to try at first. */
    static final long KINDS_GAP_NANOS = SECOND_NANOS / 2;
    /** Until far links stand and sizes are known. */
    private static final long SETTLE_NANOS = 30 * SECOND_NANOS;

    private final Settings settings;
    private final double wallSecondsMax;
    private final DhtWorld dhts;
    private final LinkPolicy links;
    private final RingInvariants invariants;
    private final ProgressMeter progress;
    private final List<String> violations = new ArrayList<>();
    private @Nullable String excuse;
    private long nextCheckNanos;

    private Simulation(Settings settings, Consumer<Progress> listener, double wallSecondsMax)
            throws SimulationException {
        this.settings = settings;
        this.wallSecondsMax = wallSecondsMax;
        this.dhts = new DhtWorld(settings.seed(), LinkModel.CLEAN);
        this.links = settings.links().policy(settings.seed());
        if (settings.regions() > 1) {
            dhts.world().divide(settings.links().regions(settings.regions(), links));
        }
        this.invariants = RingInvariants.sampled(dhts.world(), RingGrace.WORLDWIDE);
        this.progress = new ProgressMeter(dhts.world(), listener);
        dhts.world().network().setLinkPolicy(links);
        dhts.world().network().setSharedCounters(true);
        dhts.ring().setPlaced(true);
        Hosts hosts = settings.hosts();
        dhts.world().network().setHostDefaults(hosts.clockSkewMillis(), hosts.uplinkBytesPerSecond());
        dhts.ring().setTraversing(hosts.traversing());
        if (hosts.modelled()) {
            dhts.world().setShapeOnly(true);
            dhts.ring().setCrypto(new ModelCrypto());
        }
        dhts.ring().setInvariants(invariants);
    }

    /**
     * What a run came to.
     *
     * @param result the figures
     * @param charts the pictures
     * @param violations the first ones of the ring's invariants, in words
     * @param faults what the scenario found wrong, in words; the first ones only
     */
    public record Done(SimulationResult result, List<Chart> charts, List<String> violations, List<String> faults) {
        /** Keeps its own copies of the lists. */
        public Done {
            charts = List.copyOf(charts);
            violations = List.copyOf(violations);
            faults = List.copyOf(faults);
        }
    }

    /**
     * Runs a scenario to its end.
     *
     * @param listener hears now and then how far it is, on this thread
     * @throws SimulationException if there is nothing to be measured
     */
    public static Done run(Settings settings, Consumer<Progress> listener) throws SimulationException {
        return run(settings, listener, Double.POSITIVE_INFINITY);
    }

    /**
     * Runs a scenario to its end, or until it has taken so long that it has to end early.
     *
     * @param listener hears now and then how far it is, on this thread
     * @param wallSecondsMax how long it may take by the wall clock, about; see {@link Scenario#canEndEarly}
     * @throws SimulationException if there is nothing to be measured
     */
    public static Done run(Settings settings, Consumer<Progress> listener, double wallSecondsMax)
            throws SimulationException {
        Simulation simulation = new Simulation(settings, listener, wallSecondsMax);
        Outcome outcome = settings.scenario().run(simulation);
        SimWorld world = simulation.world();
        SimulationResult result = new SimulationResult(
                settings.scenario().profile().name(),
                settings.nodes(),
                settings.seed(),
                seconds(world.nanoTime()),
                Samples.rounded(simulation.progress.wallSeconds()),
                world.events(),
                peakHeapBytes(),
                simulation.invariants.violations(),
                world.digest(),
                outcome.metrics());
        return new Done(result, outcome.charts(), simulation.violations, outcome.faults());
    }

    Settings settings() {
        return settings;
    }

    /** It has taken as long as it may: what is measured is what has been measured so far. */
    boolean isTimeUp() {
        return progress.wallSeconds() >= wallSecondsMax;
    }

    DhtWorld dhts() {
        return dhts;
    }

    RingWorld ring() {
        return dhts.ring();
    }

    SimWorld world() {
        return dhts.world();
    }

    /** Draws of the scenario, which no node sees. */
    SplittableRandom random() {
        return dhts.random();
    }

    /** How long a datagram takes at least. */
    long delayNanos(SimHost from, SimHost to) {
        return links.between(from, to).delayMinNanos();
    }

    /** It will be over after that much simulated time, as far as can be said now. */
    void plan(long toComeNanos) {
        progress.plan(world().nanoTime() + toComeNanos);
    }

    /** How long the part that is measured shall take. */
    long durationNanos() {
        return settings.seconds() * SECOND_NANOS;
    }

    /** What the nodes have counted, all together. */
    long counter(String name) {
        return world().network().sharedCounters().counter(name).value();
    }

    /**
     * Starts all nodes, one soon after the other, and runs until their ring is right and has settled.
     *
     * @param toComeNanos what the scenario will need after that
     */
    void start(long toComeNanos) throws SimulationException {
        startAll(SETTLE_NANOS + toComeNanos);
        settle(toComeNanos);
    }

    /**
     * Starts a node on a host of each of these kinds, one soon after the other, which also look for ways through boxes,
     * and runs until their ring is right and has settled.
     *
     * @param toComeNanos what the scenario will need after that
     */
    void start(List<HostKind> kinds, long toComeNanos) throws SimulationException {
        progress.plan(world().nanoTime() + kinds.size() * KINDS_GAP_NANOS + SETTLE_NANOS + toComeNanos);
        ring().setTraversing(true);
        for (HostKind kind : kinds) {
            SimHost host = kind.host(world().network(), "n" + ring().members().size());
            dhts.serve(ring().join(host));
            runFor(KINDS_GAP_NANOS);
        }
        settle(toComeNanos);
    }

    /** Starts all nodes, one soon after the other. */
    void startAll(long toComeNanos) {
        long gapNanos = Math.min(START_GAP_NANOS, START_ALL_NANOS / settings.nodes());
        progress.plan(settings.nodes() * gapNanos + toComeNanos);
        dhts.found();
        for (int i = 1; i < settings.nodes(); i++) {
            dhts.join();
            runFor(gapNanos);
        }
    }

    /** Runs until the ring is right and has settled. */
    void settle(long toComeNanos) throws SimulationException {
        if (!runUntilRight(RIGHT_LIMIT_NANOS)) {
            throw new SimulationException("the ring of " + settings.nodes() + " nodes did not become right within "
                    + RIGHT_LIMIT_NANOS / SECOND_NANOS + " simulated seconds: " + ring().wrong());
        }
        plan(SETTLE_NANOS + toComeNanos);
        runFor(SETTLE_NANOS);
    }

    /** Runs until the ring of all nodes is right, to within a second; false if it does not become so. */
    boolean runUntilRight(long limitNanos) {
        return runUntil(() -> ring().wrong() == null, limitNanos, LOOK_NANOS);
    }

    void runFor(long nanos) {
        run(world().nanoTime() + nanos);
    }

    /** Runs until it is that time, and looks at the ring now and then. */
    void run(long untilNanos) {
        while (nextCheckNanos <= untilNanos) {
            world().run(nextCheckNanos);
            check();
        }
        world().run(untilNanos);
    }

    /** Runs until something holds that is asked for every {@code everyNanos}; false if it does not. */
    boolean runUntil(BooleanSupplier condition, long limitNanos, long everyNanos) {
        long untilNanos = world().nanoTime() + limitNanos;
        while (!condition.getAsBoolean()) {
            if (world().nanoTime() >= untilNanos) {
                return false;
            }
            run(Math.min(untilNanos, world().nanoTime() + everyNanos));
        }
        return true;
    }

    /** Runs until something holds that is asked for after each event; false if it does not. */
    boolean runUntil(BooleanSupplier condition, long limitNanos) {
        long untilNanos = world().nanoTime() + limitNanos;
        while (world().nanoTime() < untilNanos) {
            long stepNanos = Math.min(untilNanos, nextCheckNanos) - world().nanoTime();
            if (world().runUntil(condition, stepNanos)) {
                return true;
            }
            check();
        }
        return false;
    }

    /** A node that runs there is of the ring too, without being one of its {@link RingWorld}. */
    void watch(SimHost host, OverlayNode node) {
        invariants.onStart(host, node, node.publicRing());
    }

    /** What is wrong with the ring is the scenario's own fault, from now on until it is right after {@link #demand}. */
    void excuse(String why) {
        excuse = why;
    }

    /** From now on the ring has to become right. */
    void demand() {
        excuse = null;
    }

    private void check() {
        if (world().nanoTime() >= nextCheckNanos) {
            if (excuse != null) {
                invariants.breakAssumption(excuse);
            }
            int before = invariants.violations();
            invariants.check();
            if (invariants.violations() > before && violations.size() < VIOLATIONS_MAX) {
                RingViolation last =
                        invariants.reports().get(invariants.reports().size() - 1);
                String what =
                        String.valueOf(last.getMessage()).lines().findFirst().orElse("");
                violations.add("at " + seconds(world().nanoTime()) + " s: " + what);
            }
            nextCheckNanos = world().nanoTime() + lookNanos();
        }
    }

    /** How often the whole ring is looked at: the more nodes, the longer a look takes. */
    long lookNanos() {
        return LOOK_NANOS * Math.max(1, settings.nodes() / CHECKED_NODES);
    }

    static double seconds(long nanos) {
        return Samples.rounded(nanos / (double) SECOND_NANOS);
    }

    private static long peakHeapBytes() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                bytes += pool.getPeakUsage().getUsed();
            }
        }
        return bytes;
    }
}

package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.LinkModel;
import io.p2pvpn.simulator.LinkPolicy;
import io.p2pvpn.simulator.RegionPlan;
import io.p2pvpn.simulator.latency.LatencyMatrix;
import io.p2pvpn.simulator.latency.SiteLatency;

/**
 * What the ways between hosts are like.
 *
 * @param sites whether the hosts are at PlanetLab's sites, and as far from each other as those were
 * @param delayNanos one way, if not
 * @param jitterNanos mean of an exponential delay on top; 0 for none
 * @param loss share of the datagrams that vanish
 */
public record Links(boolean sites, long delayNanos, long jitterNanos, double loss) {
    /** The longest delay that can be chosen, and the longest jitter. */
    public static final long DELAY_MAX_NANOS = 10_000_000_000L;

    /** The most that can be lost: with more, nodes hardly get to know each other. */
    public static final double LOSS_MAX = 0.5;

    /** PlanetLab's latencies, nothing lost. */
    public static final Links PLANETLAB = new Links(true, 0, 0, 0);

    /** Checks the ranges. */
    public Links {
        if (delayNanos < 0 || delayNanos > DELAY_MAX_NANOS || jitterNanos < 0 || jitterNanos > DELAY_MAX_NANOS) {
            throw new IllegalArgumentException("must be from 0 to 10s");
        }
        if (!(loss >= 0 && loss <= LOSS_MAX)) {
            throw new IllegalArgumentException("must be from 0 to " + LOSS_MAX);
        }
    }

    /** One delay everywhere, nothing lost. */
    public static Links constant(long delayNanos) {
        return new Links(false, delayNanos, 0, 0);
    }

    /** The same with PlanetLab's latencies. */
    public Links withSites() {
        return new Links(true, 0, jitterNanos, loss);
    }

    /** The same with this delay everywhere. */
    public Links withDelay(long nanos) {
        return new Links(false, nanos, jitterNanos, loss);
    }

    /** The same with another jitter. */
    public Links withJitter(long nanos) {
        return new Links(sites, delayNanos, nanos, loss);
    }

    /** The same with another loss. */
    public Links withLoss(double share) {
        return new Links(sites, delayNanos, jitterNanos, share);
    }

    /**
     * Parts of the network that can be simulated beside each other.
     *
     * @param policy what {@link #policy} returned
     * @throws SimulationException if what happens in one part can be felt in the others at once
     */
    RegionPlan regions(int count, LinkPolicy policy) throws SimulationException {
        if (policy instanceof SiteLatency latency) {
            return latency.regions(count);
        }
        if (delayNanos == 0) {
            throw new SimulationException("regions need a delay between them");
        }
        return new RegionPlan(count, host -> host % count, delayNanos);
    }

    /** The links of a world of that seed. */
    LinkPolicy policy(long seed) {
        LinkModel shape = LinkModel.CLEAN.withLoss(loss);
        if (sites) {
            return new SiteLatency(LatencyMatrix.planetLab(), seed, shape, jitterNanos);
        }
        LinkModel.Jitter jitter = jitterNanos == 0 ? LinkModel.Jitter.CONSTANT : LinkModel.Jitter.EXPONENTIAL;
        LinkModel link = shape.withDelay(delayNanos, delayNanos + jitterNanos, jitter);
        return (from, to) -> link;
    }
}

package io.p2pvpn.simulator.latency;

import io.p2pvpn.simulator.LinkModel;
import io.p2pvpn.simulator.LinkPolicy;
import io.p2pvpn.simulator.RegionPlan;
import io.p2pvpn.simulator.SimHost;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Hosts at the sites of a {@link LatencyMatrix}: the first ones at sites of their own, drawn from the seed, the next
 * ones at all sites again in another order, and so on. One way takes half of the round trip between the sites; between
 * hosts of one site it takes {@link #WITHIN_SITE_NANOS}.
 */
public final class SiteLatency implements LinkPolicy {
    /** One way between hosts of one site: half of a round trip of 1 ms. */
    public static final long WITHIN_SITE_NANOS = 500_000;

    private final LatencyMatrix matrix;
    private final long seed;
    private final LinkModel shape;
    private final long jitterNanos;
    /** For each time that all sites are dealt out, in which order; replaced as a whole, since regions read it. */
    private volatile int[][] deals = {};
    /** By round trip in tenths of a millisecond: hosts ask for every batch, and most links are alike. */
    private final LinkModel[] models = new LinkModel[Short.MAX_VALUE + 1];

    private final LinkModel within;

    /**
     * A policy for one world.
     *
     * @param seed which host is where
     * @param shape what links are like but for their delays
     * @param jitterNanos mean of an exponential delay on top of each way's own; 0 for none
     */
    public SiteLatency(LatencyMatrix matrix, long seed, LinkModel shape, long jitterNanos) {
        this.matrix = matrix;
        this.seed = seed;
        this.shape = shape;
        this.jitterNanos = jitterNanos;
        this.within = model(WITHIN_SITE_NANOS);
    }

    @Override
    public LinkModel between(SimHost from, SimHost to) {
        int one = site(from.id());
        int other = site(to.id());
        if (one == other) {
            return within;
        }
        int tenths = matrix.tenths(one, other);
        @Nullable LinkModel known = models[tenths];
        if (known == null) {
            known = model(tenths * LatencyMatrix.TENTH_NANOS / 2);
            models[tenths] = known;
        }
        return known;
    }

    private LinkModel model(long delayNanos) {
        LinkModel.Jitter jitter = jitterNanos == 0 ? LinkModel.Jitter.CONSTANT : LinkModel.Jitter.EXPONENTIAL;
        return shape.withDelay(delayNanos, delayNanos + jitterNanos, jitter);
    }

    /** The site of a host, from 0. */
    int site(int hostId) {
        int deal = hostId / matrix.sites();
        int[][] known = deals;
        return (deal < known.length ? known : dealt(deal + 1))[deal][hostId % matrix.sites()];
    }

    private synchronized int[][] dealt(int count) {
        int[][] all = Arrays.copyOf(deals, Math.max(deals.length, count));
        for (int i = deals.length; i < all.length; i++) {
            all[i] = deal(i);
        }
        deals = all;
        return all;
    }

    /**
     * The sites in as many regions, as far apart as that is possible with the greatest region little larger than the
     * smallest: neighbours are put together (Kruskal), the nearest first, as long as no group is larger than a region
     * should be; then the largest group that is left over goes to the smallest region.
     *
     * @param count how many regions, at least two and not more than there are sites
     */
    public RegionPlan regions(int count) {
        int[] regionBySite =
                SiteGroups.of(matrix, (matrix.sites() + count - 1) / count).dealTo(count);
        long leastTenths = Long.MAX_VALUE;
        for (int one = 0; one < matrix.sites(); one++) {
            for (int other = one + 1; other < matrix.sites(); other++) {
                if (regionBySite[one] != regionBySite[other]) {
                    leastTenths = Math.min(leastTenths, matrix.tenths(one, other));
                }
            }
        }
        return new RegionPlan(count, host -> regionBySite[site(host)], leastTenths * LatencyMatrix.TENTH_NANOS / 2);
    }

    /** All sites, shuffled (Fisher and Yates). */
    private int[] deal(int number) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
        int[] order = new int[matrix.sites()];
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}

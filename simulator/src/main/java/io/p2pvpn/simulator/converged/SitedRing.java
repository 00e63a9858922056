package io.p2pvpn.simulator.converged;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.latency.LatencyMatrix;
import io.p2pvpn.simulator.latency.SiteLatency;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A {@link ConvergedRing} whose members are at drawn sites between which round trips were measured; some neighbours may
 * have no link to each other. Immutable.
 */
public final class SitedRing implements RingLinks {
    private static final long MIX = 0x9E3779B97F4A7C15L;
    private static final int DRAW_BITS = 53;

    private final ConvergedRing ring;
    private final LatencyMatrix matrix = LatencyMatrix.planetLab();
    private final int[] sites;
    private final long salt;
    private final double unlinked;

    /**
     * That ring.
     *
     * @param unlinked the share of pairs of neighbours that have no link
     */
    public SitedRing(ConvergedRing ring, double unlinked, SplittableRandom random) {
        this.ring = ring;
        this.unlinked = unlinked;
        this.sites = random.ints(ring.size(), 0, matrix.sites()).toArray();
        this.salt = random.nextLong();
    }

    @Override
    public int size() {
        return ring.size();
    }

    @Override
    public OverlayId id(int member) {
        return ring.id(member);
    }

    @Override
    public int member(OverlayId position) {
        int nearest = ring.nearest(position);
        return ring.id(nearest).equals(position) ? nearest : -1;
    }

    @Override
    public int[] near(int member, boolean clockwise) {
        return Arrays.stream(ring.near(member, clockwise))
                .filter(other -> isLinked(member, other))
                .toArray();
    }

    /** Drawn for each pair, and the same from both sides. */
    private boolean isLinked(int one, int other) {
        if (unlinked == 0) {
            return true;
        }
        long pair = (long) Math.min(one, other) * size() + Math.max(one, other);
        long drawn = new SplittableRandom(salt + MIX * pair).nextLong() >>> (Long.SIZE - DRAW_BITS);
        return drawn >= unlinked * (1L << DRAW_BITS);
    }

    @Override
    public int[] far(int member) {
        return ring.far(member);
    }

    @Override
    public int[] linkedBy(int member) {
        return ring.linkedBy(member);
    }

    @Override
    public long oneWayNanos(int from, int to) {
        return sites[from] == sites[to]
                ? SiteLatency.WITHIN_SITE_NANOS
                : matrix.roundTripNanos(sites[from], sites[to]) / 2;
    }
}

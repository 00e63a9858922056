package io.p2pvpn.shortcuts.coordinate;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.coordinate.CoordinateSpace;
import io.p2pvpn.overlay.runtime.Counters;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Vivaldi with height (Dabek, Cox, Kaashoek, Morris: Vivaldi: a decentralized network coordinate system, SIGCOMM 2004,
 * figure 3 and section 5.4). Each sample moves this node along the line to the other one, by a part of the prediction's
 * error that grows with how uncertain we are and shrinks with how uncertain the other is. Confined to the node's loop.
 *
 * <p>What a peer says is not trusted far: damaged samples are refused and counted, nobody counts as more certain than
 * {@link #REMOTE_ERROR_MIN}, and one sample moves us by {@link #STEP_MAX_MILLIS} at most.
 */
public final class Vivaldi implements CoordinateSpace {
    /** Two dimensions and a height predict as well as three without one, and better than two. */
    public static final int DIMENSIONS = 2;

    /** Gains of the error estimate and of the place (c_e and c_c in the paper). */
    static final double GAIN = 0.25;
    /** Nobody is closer to the core than this, or its height could not grow. */
    static final double HEIGHT_MIN_MILLIS = 0.01;
    /** It grows in proportion to itself, so it must not start from next to nothing. */
    static final double HEIGHT_FIRST_MILLIS = 1;
    /** Round trips beyond this are no distances. */
    static final long RTT_MAX_NANOS = 10_000_000_000L;
    /** How certain of itself a peer may be, relative error. */
    static final double REMOTE_ERROR_MIN = 0.02;
    /** How far one sample moves us. */
    static final double STEP_MAX_MILLIS = 100;

    private static final double NANOS_PER_MILLI = 1e6;
    /** Closer in the core than this, there is no direction to push along. */
    private static final double APART_MILLIS = 1e-6;

    private final RandomGenerator random;
    private final Counters.Counter samples;
    private final Counters.Counter refused;
    private final double[] core;
    private double heightMillis = HEIGHT_FIRST_MILLIS;
    private double error = 1;
    private @Nullable Coordinate own;

    /** At the origin, certain of nothing. */
    public Vivaldi(RandomGenerator random, Counters counters) {
        this(random, counters, DIMENSIONS);
    }

    /** Like the other, in a core of 1 to {@link Coordinate#DIMENSIONS_MAX} dimensions. */
    public Vivaldi(RandomGenerator random, Counters counters, int dimensions) {
        this.random = random;
        this.samples = counters.counter("coordinate.samples");
        this.refused = counters.counter("coordinate.drop.sample");
        this.core = new double[dimensions];
    }

    @Override
    public Coordinate own() {
        if (own == null) {
            own = Objects.requireNonNull(Coordinate.of(core, heightMillis, error));
        }
        return own;
    }

    @Override
    public void onSample(@Nullable Coordinate remote, long rttNanos) {
        if (remote == null || rttNanos <= 0 || rttNanos > RTT_MAX_NANOS) {
            refused.increment();
            return;
        }
        samples.increment();
        Coordinate here = own();
        double rtt = rttNanos / NANOS_PER_MILLI;
        double predicted = here.distanceMillis(remote);
        double remoteError = Math.max(remote.error(), REMOTE_ERROR_MIN);
        double weight = error / (error + remoteError);
        double sampleError = Math.min(1, Math.abs(predicted - rtt) / rtt);
        error = clamp(error + GAIN * weight * (sampleError - error), 0, 1);
        double step = clamp(GAIN * weight * (rtt - predicted), -STEP_MAX_MILLIS, STEP_MAX_MILLIS);
        move(here, remote, step);
        own = null;
    }

    /** Along the unit vector from {@code remote} to {@code here}; heights add up where others subtract. */
    private void move(Coordinate here, Coordinate remote, double stepMillis) {
        double apart = here.coreDistanceMillis(remote);
        double heights = heightMillis + remote.heightMillis();
        double[] direction = new double[core.length];
        if (apart < APART_MILLIS) {
            apart = randomUnit(direction);
        } else {
            for (int i = 0; i < core.length; i++) {
                direction[i] = core[i] - remote.core(i);
            }
        }
        double length = apart + heights;
        for (int i = 0; i < core.length; i++) {
            core[i] =
                    clamp(core[i] + stepMillis * direction[i] / length, -Coordinate.MILLIS_MAX, Coordinate.MILLIS_MAX);
        }
        heightMillis = clamp(heightMillis + stepMillis * heights / length, HEIGHT_MIN_MILLIS, Coordinate.MILLIS_MAX);
    }

    /** Fills in a random direction of length 1. */
    private double randomUnit(double[] direction) {
        double length = 0;
        while (length < APART_MILLIS) {
            double sum = 0;
            for (int i = 0; i < direction.length; i++) {
                direction[i] = random.nextDouble() * 2 - 1;
                sum += direction[i] * direction[i];
            }
            length = Math.sqrt(sum);
        }
        for (int i = 0; i < direction.length; i++) {
            direction[i] /= length;
        }
        return 1;
    }

    private static double clamp(double value, double low, double high) {
        return Math.max(low, Math.min(high, value));
    }
}

package io.p2pvpn.shortcuts.coordinate;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.coordinate.CoordinateSpace;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Counters;
import java.util.Arrays;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Vivaldi with height (Dabek, Cox, Kaashoek, Morris: Vivaldi: a decentralized network coordinate system, SIGCOMM 2004,
 * figure 3 and section 5.4), over the last sample of each of many peers, as in Brunet: a member has some twenty peers,
 * and moved by one of them at a time it would follow each for a while instead of settling between all. Each peer pulls
 * along the line to it, the harder the more certain of itself it is; since predictions are judged by their relative
 * error, an error counts as the share of the round trip that it is, up to {@link #PULL_MAX}, so that a way that no
 * place can explain does not spoil the others. Confined to the node's loop.
 *
 * <p>What a peer says is not trusted far: damaged samples are refused and counted, nobody counts as more certain than
 * {@link #REMOTE_ERROR_MIN}, no peer pulls harder than the others may, and one sample moves us by
 * {@link #STEP_MAX_MILLIS} at most.
 */
public final class Vivaldi implements CoordinateSpace {
    /** With a height, two predict as well as three without one; with few peers to settle between, three do better. */
    public static final int DIMENSIONS = 3;

    /** Gain of the error estimate (c_e in the paper). */
    static final double GAIN = 0.25;
    /** An error of a prediction counts up to this share of the round trip. */
    static final double PULL_MAX = 0.3;
    /** Shorter round trips count as this one: neighbours on a LAN must not be all that counts. */
    static final double RTT_COUNTED_MIN_MILLIS = 10;
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
    private final LastSamples last;
    private final double[] core;
    /** Of one move, kept to spare the memory. */
    private final double[] step;

    private final double[] direction;
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
        this.last = new LastSamples(dimensions);
        this.core = new double[dimensions];
        this.step = new double[dimensions];
        this.direction = new double[dimensions];
    }

    @Override
    public Coordinate own() {
        if (own == null) {
            own = Objects.requireNonNull(Coordinate.of(core, heightMillis, error));
        }
        return own;
    }

    @Override
    public void onSample(OverlayId peer, @Nullable Coordinate remote, long rttNanos) {
        if (remote == null || rttNanos <= 0 || rttNanos > RTT_MAX_NANOS) {
            refused.increment();
            return;
        }
        samples.increment();
        double rtt = rttNanos / NANOS_PER_MILLI;
        last.put(peer, remote, rtt);
        double remoteError = Math.max(remote.error(), REMOTE_ERROR_MIN);
        double weight = error / (error + remoteError);
        double sampleError = Math.min(1, Math.abs(own().distanceMillis(remote) - rtt) / rtt);
        error = clamp(error + GAIN * weight * (sampleError - error), 0, 1);
        move();
        own = null;
    }

    /** By the weighted mean of all pulls. */
    private void move() {
        Arrays.fill(step, 0);
        double heightStep = 0;
        double weights = 0;
        for (int peer = 0; peer < last.size(); peer++) {
            double rtt = last.rttMillis(peer);
            double apart = setDirection(peer);
            double heights = heightMillis + last.heightMillis(peer);
            double length = apart + heights;
            double remoteError = Math.max(last.error(peer), REMOTE_ERROR_MIN);
            double weight = 1 / ((error + remoteError) * Math.max(rtt, RTT_COUNTED_MIN_MILLIS));
            double pull = weight * clamp(rtt - length, -PULL_MAX * rtt, PULL_MAX * rtt);
            for (int i = 0; i < core.length; i++) {
                step[i] += pull * direction[i] / length;
            }
            heightStep += pull * heights / length;
            weights += weight;
        }
        for (int i = 0; i < core.length; i++) {
            double moved = core[i] + clamp(step[i] / weights, -STEP_MAX_MILLIS, STEP_MAX_MILLIS);
            core[i] = clamp(moved, -Coordinate.MILLIS_MAX, Coordinate.MILLIS_MAX);
        }
        double raised = heightMillis + clamp(heightStep / weights, -STEP_MAX_MILLIS, STEP_MAX_MILLIS);
        heightMillis = clamp(raised, HEIGHT_MIN_MILLIS, Coordinate.MILLIS_MAX);
    }

    /** Fills in the way from the i-th peer to us in the core, and returns how long it is. */
    private double setDirection(int peer) {
        double sum = last.beyond(peer);
        for (int i = 0; i < core.length; i++) {
            direction[i] = core[i] - last.core(peer, i);
            sum += direction[i] * direction[i];
        }
        double apart = Math.sqrt(sum);
        return apart < APART_MILLIS ? setRandomDirection() : apart;
    }

    /** Fills in a random direction of length 1. */
    private double setRandomDirection() {
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

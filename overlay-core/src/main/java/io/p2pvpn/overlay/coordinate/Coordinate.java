package io.p2pvpn.overlay.coordinate;

import io.p2pvpn.overlay.wire.proto.NetworkCoordinate;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A point whose distance from another one predicts the round trip between their nodes, in milliseconds (Dabek, Cox,
 * Kaashoek, Morris: Vivaldi, SIGCOMM 2004, section 5.4): a Euclidean core, and a height above it for the way that all
 * traffic of the node takes first. Immutable.
 */
public final class Coordinate {
    /** Dimensions of the core that are read from messages. */
    public static final int DIMENSIONS_MAX = 8;
    /** No part is larger than this, in milliseconds: nothing on this planet is as far. */
    public static final double MILLIS_MAX = 30_000;

    private static final double NANOS_PER_MILLI = 1e6;

    private final double[] core;
    private final double heightMillis;
    private final double error;

    private Coordinate(double[] core, double heightMillis, double error) {
        this.core = core;
        this.heightMillis = heightMillis;
        this.error = error;
    }

    /**
     * A point, or null if a part of it is not a number or out of range.
     *
     * @param core place in the Euclidean core, ms, at least one dimension
     * @param heightMillis height above it, 0 or more
     * @param error how wrong its predictions are, relative, 0 (right) to 1 (worthless)
     */
    public static @Nullable Coordinate of(double[] core, double heightMillis, double error) {
        boolean sound = core.length > 0 && core.length <= DIMENSIONS_MAX;
        for (double part : core) {
            sound &= Math.abs(part) <= MILLIS_MAX;
        }
        // Comparisons with NaN are false.
        sound &= heightMillis >= 0 && heightMillis <= MILLIS_MAX && error >= 0 && error <= 1;
        return sound ? new Coordinate(core.clone(), heightMillis, error) : null;
    }

    /** Dimensions of the core. */
    public int dimensions() {
        return core.length;
    }

    /** Place in one dimension of the core, ms; 0 in those that it does not have. */
    public double core(int dimension) {
        return dimension < core.length ? core[dimension] : 0;
    }

    /** Height above the core, ms. */
    public double heightMillis() {
        return heightMillis;
    }

    /** How wrong its predictions are, relative, 0 to 1. */
    public double error() {
        return error;
    }

    /** Distance within the core alone, ms. */
    public double coreDistanceMillis(Coordinate other) {
        double sum = 0;
        for (int i = 0; i < Math.max(core.length, other.core.length); i++) {
            double difference = core(i) - other.core(i);
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }

    /** The predicted round trip, ms. */
    public double distanceMillis(Coordinate other) {
        return coreDistanceMillis(other) + heightMillis + other.heightMillis;
    }

    /** The predicted round trip, ns. */
    public long distanceNanos(Coordinate other) {
        return (long) (distanceMillis(other) * NANOS_PER_MILLI);
    }

    /** For a message. */
    public NetworkCoordinate toProto() {
        NetworkCoordinate.Builder proto =
                NetworkCoordinate.newBuilder().setHeight((float) heightMillis).setError((float) error);
        for (double part : core) {
            proto.addCore((float) part);
        }
        return proto.build();
    }

    /** From a message, or null if it is damaged. */
    public static @Nullable Coordinate fromProto(NetworkCoordinate proto) {
        if (proto.getCoreCount() > DIMENSIONS_MAX) {
            return null;
        }
        double[] core = new double[proto.getCoreCount()];
        for (int i = 0; i < core.length; i++) {
            core[i] = proto.getCore(i);
        }
        return of(core, proto.getHeight(), proto.getError());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Coordinate that
                && Arrays.equals(core, that.core)
                && heightMillis == that.heightMillis
                && error == that.error;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(core) * 31 + Double.hashCode(heightMillis);
    }

    @Override
    public String toString() {
        return Arrays.toString(core) + "+" + heightMillis + "~" + error;
    }
}

package io.p2pvpn.simulator;

import java.util.function.IntUnaryOperator;

/**
 * Which hosts of a world make up regions that may run beside each other.
 *
 * @param regions how many there are, at least two
 * @param regionOf by the number of a host, the number of its region, from 0
 * @param lookaheadNanos nothing gets from one region to another faster than that; positive
 */
public record RegionPlan(int regions, IntUnaryOperator regionOf, long lookaheadNanos) {
    /** Checks the ranges. */
    public RegionPlan {
        if (regions < 2 || lookaheadNanos <= 0) {
            throw new IllegalArgumentException("a world is divided into two or more regions, some way apart");
        }
    }
}
